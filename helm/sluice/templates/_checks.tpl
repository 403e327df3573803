{{/* What would fail in the cluster only, or put a secret there, is refused before: all of it at once.
     The rest of `config` is checked by Sluice itself. */}}
{{- define "sluice.checks" -}}
{{- $wrong := list -}}
{{- $config := .Values.config -}}
{{- if hasKey $config "instance_id" -}}
{{- $wrong = append $wrong "config.instance_id: would be the same in each pod; leave it out and set workload to StatefulSet, which gives each its own" -}}
{{- end -}}

{{- $literals := list -}}
{{- range $section := list "admin" "kafka" -}}
{{- $literals = concat $literals (include "sluice.literals" (dict "at" (printf "config.%s" $section) "value" (get $config $section)) | splitList "\n") -}}
{{- end -}}
{{- range $name, $target := $config.targets -}}
{{- range $section := list "auth" "tenants" "proxy" -}}
{{- $literals = concat $literals (include "sluice.literals" (dict "at" (printf "config.targets.%s.%s" $name $section) "value" (get $target $section)) | splitList "\n") -}}
{{- end -}}
{{- end -}}
{{- range compact $literals -}}
{{- $wrong = append $wrong (printf "%s: is a secret in clear; put it into a Secret, name that in secrets.env or secrets.files, and write ${env:NAME} or ${file:/secrets/NAME/KEY}" .) -}}
{{- end -}}

{{- $text := toYaml $config -}}
{{- $set := keys .Values.secrets.env -}}
{{- range .Values.extraEnv -}}{{- $set = append $set .name -}}{{- end -}}
{{- range regexFindAll "\\$\\{env:[^}]*\\}" $text -1 | uniq -}}
{{- $name := . | trimPrefix "${env:" | trimSuffix "}" -}}
{{- if not (has $name $set) -}}
{{- $wrong = append $wrong (printf "config: %s is not set in the pod; add secrets.env.%s: {secret: NAME, key: KEY}" . $name) -}}
{{- end -}}
{{- end -}}
{{- $others := list -}}
{{- range .Values.extraVolumeMounts -}}{{- $others = append $others (trimPrefix "/secrets/" (toString .mountPath)) -}}{{- end -}}
{{- range regexFindAll "(\\$\\{(file|dir):|[ \"'])/secrets/[^/\"'} \n]+" $text -1 | uniq -}}
{{- $name := regexReplaceAll "^.*/secrets/" . "" -}}
{{- if not (or (hasKey $.Values.secrets.files $name) (has $name $others)) -}}
{{- $wrong = append $wrong (printf "config: %s is not mounted; add secrets.files.%s: {secret: NAME}" . $name) -}}
{{- end -}}
{{- end -}}

{{- range $name, $pipeline := $config.pipelines -}}
{{- $file := toString (default "" $pipeline.schema) -}}
{{- if and $file (not (hasPrefix "/" $file)) -}}
{{- if not (and (regexMatch "^schemas/[^/]+$" $file) (include "sluice.schema" (dict "root" $ "name" (base $file)))) -}}
{{- $wrong = append $wrong (printf "config.pipelines.%s.schema: there is no %s in the pod; write schemas/FILE, and put the file under schemas" $name $file) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- $wrong = concat $wrong (include "sluice.namesWrong" . | splitList "\n" | compact) -}}
{{- $wrong = concat $wrong (include "sluice.takenWrong" . | splitList "\n" | compact) -}}
{{- $wrong = concat $wrong (include "sluice.memoryWrong" . | splitList "\n" | compact) -}}
{{- $wrong = concat $wrong (include "sluice.valuesWrong" (dict "at" "config" "value" $config) | splitList "\n" | compact) -}}

{{- with .Values.autoscaling -}}
{{- if ne .type "none" -}}
{{- if lt (int .maxReplicas) (int .minReplicas) -}}
{{- $wrong = append $wrong "autoscaling.maxReplicas: is below autoscaling.minReplicas" -}}
{{- end -}}
{{- if and (eq .type "keda") (not .keda.serverAddress) -}}
{{- $wrong = append $wrong "autoscaling.keda.serverAddress: is not set; write where Prometheus is, such as http://prometheus.monitoring.svc:9090" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $wrong -}}
{{- fail (printf "\n%s" (join "\n" $wrong)) -}}
{{- end -}}
{{- end -}}

{{/* Names of the secrets below `value` that are no references, one a line; never what they hold. */}}
{{- define "sluice.literals" -}}
{{- $at := .at -}}
{{- if kindIs "slice" .value -}}
{{- range $i, $item := .value -}}
{{- include "sluice.literals" (dict "at" (printf "%s[%d]" $at $i) "value" $item) -}}
{{- end -}}
{{- else if kindIs "map" .value -}}
{{- $secret := list "token" "password" "secret" "client_secret" "private_key" "refresh_token" -}}
{{- if eq (toString .value.type) "api_key" -}}{{- $secret = append $secret "value" -}}{{- end -}}
{{- range $key, $item := .value -}}
{{- if or (kindIs "map" $item) (kindIs "slice" $item) -}}
{{- include "sluice.literals" (dict "at" (printf "%s.%s" $at $key) "value" $item) -}}
{{- else if or (has $key $secret) (and (hasSuffix ".properties" $at) (regexMatch "password|secret|\\.pem$" $key)) -}}
{{- if not (regexMatch "^\\$\\{(env|file|dir|exec):.*\\}$" (toString $item)) }}
{{ $at }}.{{ $key }}
{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* A schema of the values, or one that comes with the chart. */}}
{{- define "sluice.schema" -}}
{{- get .root.Values.schemas .name | default (.root.Files.Get (printf "files/schemas/%s" .name)) -}}
{{- end -}}

{{/* Names of the schemas to mount, one a line. */}}
{{- define "sluice.schemaNames" -}}
{{- $names := keys .Values.schemas -}}
{{- range .Values.config.pipelines -}}
{{- if hasPrefix "schemas/" (toString .schema) -}}{{- $names = append $names (base .schema) -}}{{- end -}}
{{- end -}}
{{- $names | uniq | sortAlpha | join "\n" -}}
{{- end -}}
