{{/* What is wrong with the names that are made, one a line. What a release may be called is more than a
     Service may be; to change it in silence could make one name of two releases. */}}
{{- define "sluice.namesWrong" -}}
{{- $name := include "sluice.fullname" . -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) }}
fullnameOverride: all that is made would be called {{ $name }}, which no Service may be; write a name of a-z, 0-9 and -, with a letter first and no - last
{{ else if regexMatch "^(true|false|null|yes|no|on|off|y|n)$" $name }}
fullnameOverride: {{ $name }} is no name to YAML; write another
{{ end -}}
{{- $label := include "sluice.nameLabel" . -}}
{{- if not (regexMatch "^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$" $label) }}
nameOverride: {{ $label }} can be no label; write letters, digits, -, _ and ., with a letter or digit first and last
{{ end -}}
{{- end -}}

{{/* Names that the chart has taken itself, one a line: two entries of a name are no valid manifest, and
     a label of the selector that differs makes pods that nobody finds. */}}
{{- define "sluice.takenWrong" -}}
{{- $selector := include "sluice.selectorLabels" . | fromYaml -}}
{{- $labels := include "sluice.labels" . | fromYaml -}}
{{- include "sluice.taken" (dict "at" "podLabels" "names" (keys .Values.podLabels) "taken" (keys $selector)) -}}
{{- include "sluice.taken" (dict "at" "monitoring.labels" "names" (keys .Values.monitoring.labels) "taken" (keys $labels)) -}}
{{- include "sluice.taken" (dict "at" "monitoring.dashboards.labels" "names" (keys .Values.monitoring.dashboards.labels) "taken" (keys $labels)) -}}
{{- include "sluice.taken" (dict "at" "podAnnotations" "names" (keys .Values.podAnnotations) "taken" (list "checksum/config" "checksum/secrets")) -}}
{{- include "sluice.taken" (dict "at" "secrets.env" "names" (keys .Values.secrets.env) "taken" (list "POD_NAME")) -}}
{{- $env := append (keys .Values.secrets.env) "POD_NAME" -}}
{{- range .Values.extraEnv }}{{ include "sluice.taken" (dict "at" "extraEnv" "names" (list .name) "taken" $env) }}{{ end -}}
{{- $volumes := list "config" -}}
{{- $paths := list "/etc/sluice" -}}
{{- range $name, $file := .Values.secrets.files -}}
{{- $volumes = append $volumes (printf "secret-%s" $name) -}}
{{- $paths = append $paths (printf "/secrets/%s" $name) -}}
{{- end -}}
{{- range .Values.extraVolumes }}{{ include "sluice.taken" (dict "at" "extraVolumes" "names" (list .name) "taken" $volumes) }}{{ end -}}
{{- range .Values.extraVolumeMounts }}{{ include "sluice.taken" (dict "at" "extraVolumeMounts" "names" (list (trimSuffix "/" .mountPath)) "taken" $paths) }}{{ end -}}
{{- end -}}

{{- define "sluice.taken" -}}
{{- range sortAlpha .names -}}
{{- if has . $.taken }}
{{ $.at }}: {{ . }} is one of the chart's own; write another
{{ end -}}
{{- end -}}
{{- end -}}
