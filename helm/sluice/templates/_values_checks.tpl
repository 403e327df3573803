{{/* What the process needs besides its budget must be below the limit. */}}
{{- define "sluice.memoryWrong" -}}
{{- $text := toString (dig "limits" "memory" "" .Values.resources | default "") -}}
{{- if $text -}}
{{- $limit := include "sluice.bytes" $text -}}
{{- $size := toString (dig "memory" "budget" "256MiB" .Values.config) -}}
{{- $budget := include "sluice.bytes" $size -}}
{{- if or (not $limit) (hasSuffix "B" $text) }}
resources.limits.memory: {{ $text }} is no quantity of Kubernetes; write one such as 512Mi, 600M or 1.5Gi
{{ else if $budget -}}
{{- $needed := addf (float64 $budget) 134217728.0 -}}
{{- if lt (float64 $limit) $needed }}
resources.limits.memory: {{ $text }} is too little: config.memory.budget is {{ $size }}, so at least {{ divf $needed 1048576 | ceil | int }}Mi are needed, or the pod is killed in an outage
{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What is wrong with values of `config` that its schema takes, or cannot refuse without showing them;
     one a line. Takes {at, value}. */}}
{{- define "sluice.valuesWrong" -}}
{{- $at := .at -}}
{{- if kindIs "slice" .value -}}
{{- range $i, $item := .value -}}
{{- $name := printf "%s[%d]" $at $i -}}
{{- if hasSuffix ".brokers" $at -}}
{{- include "sluice.addressWrong" (dict "at" $name "value" $item) -}}
{{- end -}}
{{- include "sluice.valuesWrong" (dict "at" $name "value" $item) -}}
{{- end -}}
{{- else if kindIs "map" .value -}}
{{- range $key, $item := .value -}}
{{- $name := printf "%s.%s" $at $key -}}
{{- if has $key (list "base_url" "proxy" "url" "token_url" "token_endpoint" "listen") -}}
{{- include "sluice.addressWrong" (dict "at" $name "value" $item) -}}
{{- end -}}
{{- if and (eq $key "path") (regexMatch "[?#]" (regexReplaceAll "\\{[^{}]*\\}" (toString $item) "")) }}
{{ $name }}: holds a query, which everybody could read in the ConfigMap; write the path alone, and refer to a Secret: auth of the target, of the type api_key with in: query
{{ end -}}
{{- if and (regexMatch "^(int|float)" (kindOf $item)) (or (hasSuffix ".headers" $at) (has $key (list "account_id" "workspace_id" "key_id" "client_id" "user"))) }}
{{ $name }}: is text, and a number may arrive as another one; write it in quotes
{{ end -}}
{{- include "sluice.valuesWrong" (dict "at" $name "value" $item) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* An address with user, password or query in it; a path may hold an @. */}}
{{- define "sluice.addressWrong" -}}
{{- if and (kindIs "string" .value) (regexMatch "[@?#]" .value) -}}
{{- if not (regexMatch "^[a-z0-9]+://(\\[[^]@/]*\\]|[^][@:/?#]+)(:[0-9]+)?/[^?#]*$" .value) }}
{{ .at }}: holds a user, password or query, which everybody could read in the ConfigMap; write the address alone, and refer to a Secret: proxy: {url: ADDRESS, user: NAME, password: "${env:NAME}"}, or auth of the target
{{ end -}}
{{- end -}}
{{- end -}}
