{{/* What a pod that streams and those that check have in common. Takes {root, account, maps, volumes}:
     service account, name of the ConfigMaps, and extraVolumes as text. */}}
{{- define "sluice.podBasics" -}}
serviceAccountName: {{ .account | quote }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.podSecurityContext }}
securityContext: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.tolerations }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: config
    projected:
      sources:
        - configMap: {name: {{ .maps }}}
        {{- with include "sluice.schemaNames" .root }}
        - configMap:
            name: {{ $.maps }}-schemas
            items:
              {{- range splitList "\n" . }}
              - {key: {{ . | quote }}, path: {{ printf "schemas/%s" . | quote }}}
              {{- end }}
        {{- end }}
  {{- range $name, $file := .root.Values.secrets.files }}
  - name: secret-{{ $name }}
    secret: {secretName: {{ $file.secret | quote }}, defaultMode: 0440}
  {{- end }}
  {{- with .volumes | trim }}
  {{- . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "sluice.ownPod" -}}
{{- $volumes := "" -}}
{{- with .Values.extraVolumes }}{{ $volumes = toYaml . }}{{ end -}}
{{- include "sluice.podBasics" (dict "root" . "account" (include "sluice.serviceAccount" .) "maps" (include "sluice.fullname" .) "volumes" $volumes) -}}
{{- end -}}

{{- define "sluice.containerBasics" -}}
image: {{ include "sluice.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
{{- with .Values.securityContext }}
securityContext: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.resources }}
resources: {{ toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - {name: config, mountPath: /etc/sluice, readOnly: true}
  {{- range $name, $file := .Values.secrets.files }}
  - {name: secret-{{ $name }}, mountPath: /secrets/{{ $name }}, readOnly: true}
  {{- end }}
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end -}}

{{- define "sluice.env" -}}
{{- range $name, $source := .Values.secrets.env }}
- name: {{ $name }}
  valueFrom:
    secretKeyRef: {name: {{ $source.secret | quote }}, key: {{ $source.key | quote }}}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* The template of Deployment and StatefulSet. */}}
{{- define "sluice.podTemplate" -}}
metadata:
  labels:
    {{- include "sluice.selectorLabels" . | nindent 4 }}
    {{- with .Values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include "sluice.configText" . | sha256sum }}
    {{- with include "sluice.secretVersions" . }}
    checksum/secrets: {{ sha256sum . }}
    {{- end }}
    {{- with .Values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- include "sluice.ownPod" . | nindent 2 }}
  terminationGracePeriodSeconds: {{ include "sluice.gracePeriod" . }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . | quote }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{ toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.topologySpread }}
  topologySpreadConstraints:
    {{- range . }}
    - maxSkew: 1
      topologyKey: {{ . | quote }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{ include "sluice.selectorLabels" $ | nindent 10 }}
    {{- end }}
  {{- end }}
  containers:
    - name: sluice
      args: [run, {{ include "sluice.configFile" . }}]
      {{- include "sluice.containerBasics" . | nindent 6 }}
      env:
        - name: POD_NAME
          valueFrom: {fieldRef: {fieldPath: metadata.name}}
        {{- with include "sluice.env" . | trim }}
        {{- . | nindent 8 }}
        {{- end }}
      ports:
        - {name: admin, containerPort: {{ include "sluice.adminPort" . }}, protocol: TCP}
      # Started: the port answers. Alive: each worker's loop turned within 60 s, so what /livez refuses
      # has hung already. Ready: each worker is in its group; an outage of a target makes neither fail.
      startupProbe:
        httpGet: {path: /livez, port: admin}
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 30
      livenessProbe:
        httpGet: {path: /livez, port: admin}
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 3
      readinessProbe:
        httpGet: {path: /readyz, port: admin}
        periodSeconds: 5
        timeoutSeconds: 5
        failureThreshold: 3
{{- end -}}

{{/* What changes when a Secret of secrets.env does, without being made of what it holds. */}}
{{- define "sluice.secretVersions" -}}
{{- if .Values.secrets.restartOnChange -}}
{{- range $name, $source := .Values.secrets.env -}}
{{- $secret := lookup "v1" "Secret" $.Release.Namespace $source.secret -}}
{{ $name }}={{ dig "metadata" "uid" "" $secret }}/{{ dig "metadata" "resourceVersion" "" $secret }};
{{- end -}}
{{- end -}}
{{- end -}}
