{{/* Takes the weight: those of a lower one are there before. */}}
{{- define "sluice.hook" -}}
helm.sh/hook: pre-upgrade
helm.sh/hook-weight: {{ . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}

{{/* extraVolumes of a pod that runs beside those that stream: a claim may be theirs alone. */}}
{{- define "sluice.volumesOfNoPod" -}}
{{- range .Values.extraVolumes }}
{{- if .persistentVolumeClaim }}
- name: {{ .name | quote }}
  emptyDir: {}
{{- else }}
{{ toYaml (list .) }}
{{- end }}
{{- end -}}
{{- end -}}
