{{/* Each change of replicas is a rebalance, so they come quickly and go slowly, one at a time. An API
     that hangs is told from one that is slow after 5 s; until then the lag looks as if replicas helped. */}}
{{- define "sluice.scaling" -}}
scaleUp:
  stabilizationWindowSeconds: 30
  policies: [{type: Percent, value: 100, periodSeconds: 60}]
scaleDown:
  stabilizationWindowSeconds: {{ .Values.autoscaling.scaleDownAfter | int }}
  policies: [{type: Pods, value: 1, periodSeconds: 120}]
{{- end -}}

{{/* Lag of a pipeline, summed over its group, cut off where each replica would have a partition for
     each of its workers: more replicas than that have nothing to read. Of several topics the one that
     has the most partitions decides: the range assignor gives the first of each to the same member. Takes {root, name, workers}. */}}
{{- define "sluice.lagQuery" -}}
{{- $of := printf "{namespace=%q,pipeline=%q}" .root.Release.Namespace .name -}}
clamp_max(
  sum(sluice_scalable_lag_records{{ $of }}),
  {{ .root.Values.autoscaling.lagPerReplica | int }} * scalar(ceil((max(count by (topic) (count by (topic, partition) (sluice_lag_records{{ $of }}))) or vector(0)) / {{ .workers }}))
)
{{- end -}}
