{{- define "leaf.labels" -}}
{{ include "base.labels" . }}
leaf: {{ .Values.size | default "none" | quote }}
{{- end }}
