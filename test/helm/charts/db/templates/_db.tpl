{{- define "db.host" -}}{{ .Release.Name }}-{{ .Chart.Name }}.{{ .Release.Namespace }}{{- end }}
