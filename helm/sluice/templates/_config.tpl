{{/* The configuration as it is mounted: `config` of the values and what a pod needs besides. Takes
     {root, instance}; instance is empty but for a StatefulSet, whose pods each have a file of their
     own, named as they are, since a file cannot ask for the name of its pod. */}}
{{- define "sluice.config" -}}
{{- $config := deepCopy .root.Values.config -}}
{{- $admin := default dict $config.admin -}}
{{- if not $admin.listen -}}
{{- $_ := set $admin "listen" "0.0.0.0:9464" -}}
{{- end -}}
{{- $_ := set $config "admin" $admin -}}
{{- if .instance -}}
{{- $_ := set $config "instance_id" .instance -}}
{{- end -}}
{{- toYaml $config -}}
{{- end -}}

{{/* What a change of restarts the pods. Without the instances: one more pod is no change for others. */}}
{{- define "sluice.configText" -}}
{{ include "sluice.config" (dict "root" . "instance" "") }}
{{- range include "sluice.schemaNames" . | splitList "\n" }}
{{ . }}: {{ include "sluice.schema" (dict "root" $ "name" .) }}
{{- end -}}
{{- end -}}

{{/* How many files a StatefulSet's ConfigMap holds: one for each pod there may ever be, and one for
     `helm test`. */}}
{{- define "sluice.mostReplicas" -}}
{{- if eq .Values.autoscaling.type "none" }}{{ max 1 (int .Values.replicas) }}{{ else }}{{ int .Values.autoscaling.maxReplicas }}{{ end -}}
{{- end -}}

{{- define "sluice.configFile" -}}
/etc/sluice/{{ if eq .Values.workload "StatefulSet" }}$(POD_NAME){{ else }}sluice{{ end }}.yaml
{{- end -}}

{{- define "sluice.adminPort" -}}
{{- $listen := dig "admin" "listen" "0.0.0.0:9464" .Values.config -}}
{{- if regexMatch "^(127\\.|localhost:|\\[::1\\])" $listen -}}
{{- fail (printf "config.admin.listen: %s is out of the kubelet's and Prometheus's reach; leave it out, or listen on 0.0.0.0" $listen) -}}
{{- end -}}
{{- $port := regexFind "[0-9]+$" $listen -}}
{{- if not (and $port (gt (atoi $port) 0)) -}}
{{- fail (printf "config.admin.listen: %s has no fixed port; leave it out, or write 0.0.0.0:9464" $listen) -}}
{{- end -}}
{{- $port -}}
{{- end -}}

{{/* What a pod may take to end: shutdown_timeout, and 10 s to leave the groups and close. */}}
{{- define "sluice.gracePeriod" -}}
{{- $timeout := toString (default "25s" .Values.config.shutdown_timeout) -}}
{{- if not (regexMatch "^[0-9]+(ms|s|m|h|d)$" $timeout) -}}
{{- fail (printf "config.shutdown_timeout: %s is no duration; write a whole number and one of ms, s, m, h, such as 25s" $timeout) -}}
{{- end -}}
{{- $number := regexFind "^[0-9]+" $timeout | atoi -}}
{{- $unit := regexFind "[a-z]+$" $timeout -}}
{{- $seconds := mul $number (get (dict "ms" 1 "s" 1 "m" 60 "h" 3600 "d" 86400) $unit) -}}
{{- if eq $unit "ms" -}}{{- $seconds = div (add $number 999) 1000 -}}{{- end -}}
{{- add $seconds 10 -}}
{{- end -}}

{{/* Bytes of a size, of Sluice (256MiB) or of Kubernetes (256Mi, 384M, 1.1Gi, 1e9, 512000000000m);
     empty where it is neither. */}}
{{- define "sluice.bytes" -}}
{{- $text := trimPrefix "+" . -}}
{{- if regexMatch "^([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+|[KMGTPE]i|[KMG]iB|[numkMGTPEB])?$" $text -}}
{{- $number := regexFind "^([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?" $text -}}
{{- $factors := dict "" 1 "B" 1 "n" 1e-9 "u" 1e-6 "m" 1e-3 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "P" 1e15 "E" 1e18
      "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 "Pi" 1125899906842624 "Ei" 1152921504606846976 -}}
{{- mulf (float64 $number) (get $factors (trimPrefix $number $text | replace "iB" "i")) | printf "%.0f" -}}
{{- end -}}
{{- end -}}

{{/* Ports of brokers, targets, proxies and token servers, one a line. */}}
{{- define "sluice.ports" -}}
{{- $urls := list -}}
{{- range .Values.config.kafka.brokers -}}{{- $urls = append $urls (printf "kafka://%s" .) -}}{{- end -}}
{{- $urls = append $urls (dig "kafka" "sasl" "token_endpoint" "" .Values.config) -}}
{{- range .Values.config.targets -}}
{{- $urls = append $urls .base_url -}}
{{- $proxy := .proxy -}}
{{- if kindIs "map" $proxy -}}{{- $proxy = $proxy.url -}}{{- end -}}
{{- $urls = append $urls $proxy -}}
{{- $auths := .auth -}}
{{- if kindIs "map" $auths -}}{{- $auths = list $auths -}}{{- end -}}
{{- range $auths -}}{{- $urls = append $urls .token_url -}}{{- end -}}
{{- end -}}
{{- $defaults := dict "kafka" "9092" "http" "80" "https" "443" "socks5" "1080" "socks5h" "1080" -}}
{{- $ports := list -}}
{{- range .Values.networkPolicy.extraPorts -}}{{- $ports = append $ports (int .) -}}{{- end -}}
{{- range $urls -}}
{{- if . -}}
{{- $scheme := regexFind "^[a-z0-9]+" . -}}
{{- $origin := regexFind "^[a-z0-9]+://[^/]*" . -}}
{{- $port := regexFind ":[0-9]+$" $origin | trimPrefix ":" | default (get $defaults $scheme) -}}
{{- if $port -}}{{- $ports = append $ports (atoi $port | int) -}}{{- end -}}
{{- end -}}
{{- end -}}
{{- range $ports | uniq }}
{{ . }}
{{- end -}}
{{- end -}}
