{{/* The ConfigMaps that a pod mounts: of the configuration, and of schemas where there are any. Takes
     {root, name, annotations, pods}; pods: how many of a StatefulSet find their file. */}}
{{- define "sluice.configMaps" -}}
{{- $root := .root -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .name }}
  labels: {{ include "sluice.labels" $root | nindent 4 }}
  {{- with .annotations }}
  annotations: {{ . | nindent 4 }}
  {{- end }}
data:
  {{- if eq $root.Values.workload "StatefulSet" }}
  {{- range $i := until (int $.pods) }}
  {{- $pod := printf "%s-%d" (include "sluice.fullname" $root) $i }}
  {{ $pod }}.yaml: |
    {{- include "sluice.config" (dict "root" $root "instance" $pod) | nindent 4 }}
  {{- end }}
  {{- else }}
  sluice.yaml: |
    {{- include "sluice.config" (dict "root" $root "instance" "") | nindent 4 }}
  {{- end }}
{{- with include "sluice.schemaNames" $root }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ $.name }}-schemas
  labels: {{ include "sluice.labels" $root | nindent 4 }}
  {{- with $.annotations }}
  annotations: {{ . | nindent 4 }}
  {{- end }}
data:
  {{- /* The 2: a schema may begin with spaces. */}}
  {{- range splitList "\n" . }}
  {{ . | quote }}: |2
    {{- include "sluice.schema" (dict "root" $root "name" .) | trimSuffix "\n" | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}
