{{/* Next steps, which Helm prints after an install. Takes the root. */}}
{{- define "registry.notes" -}}
{{- $url := default "http://127.0.0.1:8099" .Values.publicUrl -}}
{{- $name := include "registry.fullname" . -}}
{{- $in := printf "--namespace %s" .Release.Namespace -}}
{{ .Chart.Name }} {{ .Chart.AppVersion }} is starting. Wait for it:

  kubectl {{ $in }} rollout status deployment/{{ $name }}-api deployment/{{ $name }}-worker
{{- if eq .Values.migrate.mode "none" }}

The pods start once the database is up to date: run `helm-registry migrate` of this version against it.
{{- end }}
{{- if eq .Values.access.mode "open" }}

ACCESS IS OPEN: everybody who reaches the service may read, write and delete everything.
{{- else if .Values.access.adminPassword.existingSecret }}

The user `admin` has the password of the secret {{ tpl .Values.access.adminPassword.existingSecret . }}. It counts at the first start; change it afterwards:

  kubectl {{ $in }} exec --stdin deployment/{{ $name }}-api -- node dist/cli/main.js user password admin
{{- else if not .Values.oidc.adminGroup }}

Add the first admin; the command reads the password from standard input:

  echo 'a sentence of several words' | kubectl {{ $in }} exec --stdin deployment/{{ $name }}-api -- node dist/cli/main.js user add NAME --admin
{{- end }}
{{- if not (or .Values.ingress.enabled .Values.httpRoute.enabled (ne .Values.service.type "ClusterIP")) }}

Nothing outside the cluster reaches it yet: enable `ingress` or `httpRoute`, or try it here:

  kubectl {{ $in }} port-forward service/{{ $name }} 8099:{{ .Values.service.port }}
{{- end }}

Open {{ $url }}/-/ and push a chart:

  helm push CHART-1.0.0.tgz oci://{{ (urlParse $url).host }}/SPACE
{{- if and (eq .Values.access.mode "guarded") (not .Values.access.keys.existingSecret) }}

Secrets are sealed with a key that is in the database, so that a copy of the database has both. `access.keys.existingSecret` keeps them apart.
{{- end }}
{{- end -}}
