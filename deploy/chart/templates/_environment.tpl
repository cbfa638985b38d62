{{/* A variable from a key of a secret. Takes `root`, `name`, `secret` and `key`. */}}
{{- define "registry.secretVariable" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef:
      name: {{ tpl .secret .root }}
      key: {{ .key }}
{{- end -}}

{{/* A variable with a text; nothing where the text is empty. Takes `name` and `value`. */}}
{{- define "registry.variable" -}}
{{- if not (kindIs "invalid" .value) }}
{{- with toString .value }}
- name: {{ $.name }}
  value: {{ . | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Variables of every process. Takes the root. */}}
{{- define "registry.environment" -}}
{{- $root := . -}}
{{- with .Values }}
{{- include "registry.secretVariable" (dict "root" $root "name" "DATABASE_URL" "secret" .database.existingSecret "key" .database.key) }}
{{- if .redis.existingSecret }}
{{ include "registry.secretVariable" (dict "root" $root "name" "REDIS_URL" "secret" .redis.existingSecret "key" .redis.key) }}
{{- end }}
- name: DATA_DIR
  value: /data
{{- with .objectStore }}
{{- if .existingSecret }}
{{ include "registry.secretVariable" (dict "root" $root "name" "S3_ACCESS_KEY" "secret" .existingSecret "key" .accessKeyKey) }}
{{ include "registry.secretVariable" (dict "root" $root "name" "S3_SECRET_KEY" "secret" .existingSecret "key" .secretKeyKey) }}
{{- include "registry.variable" (dict "name" "S3_ENDPOINT" "value" (tpl .endpoint $root)) }}
{{- include "registry.variable" (dict "name" "S3_BUCKET" "value" .bucket) }}
{{- include "registry.variable" (dict "name" "S3_REGION" "value" .region) }}
{{- include "registry.variable" (dict "name" "S3_PATH_STYLE" "value" .pathStyle) }}
{{- include "registry.variable" (dict "name" "S3_REDIRECT" "value" .redirect) }}
{{- include "registry.variable" (dict "name" "S3_PUBLIC_ENDPOINT" "value" .publicEndpoint) }}
{{- end }}
{{- end }}
- name: ACCESS
  value: {{ .access.mode }}
{{- if .access.keys.existingSecret }}
- name: AUTH_KEYS_FILE
  value: /etc/helm-registry/keys/keys
{{- end }}
{{- if .trustedCa.existingSecret }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/helm-registry/ca/ca.crt
{{- end }}
{{- include "registry.variable" (dict "name" "PUBLIC_URL" "value" .publicUrl) }}
{{- include "registry.variable" (dict "name" "SHUTDOWN_TIMEOUT" "value" .shutdown.timeoutSeconds) }}
{{- range $name, $value := .settings }}
- name: {{ $name }}
  value: {{ ternary (toString $value) (toString (int64 (default 0 $value))) (not (kindIs "float64" $value)) | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{/* Variables of an API. Takes the root. */}}
{{- define "registry.apiEnvironment" -}}
- name: LISTEN
  value: ":8099"
{{- with .Values }}
{{- include "registry.variable" (dict "name" "ALLOWED_HOSTS" "value" (join "," .allowedHosts)) }}
{{- include "registry.variable" (dict "name" "TRUSTED_PROXIES" "value" (join "," .trustedProxies)) }}
{{- if .access.adminPassword.existingSecret }}
- name: ADMIN_PASSWORD_FILE
  value: /etc/helm-registry/admin/password
{{- end }}
{{- if .tls.existingSecret }}
- name: TLS_CERT
  value: /etc/helm-registry/tls/tls.crt
- name: TLS_KEY
  value: /etc/helm-registry/tls/tls.key
{{- end }}
{{- with .oidc }}
{{- if .issuer }}
{{- include "registry.variable" (dict "name" "OIDC_ISSUER" "value" .issuer) }}
{{- include "registry.variable" (dict "name" "OIDC_CLIENT_ID" "value" .clientId) }}
{{- if .existingSecret }}
- name: OIDC_CLIENT_SECRET_FILE
  value: /etc/helm-registry/oidc/client-secret
{{- end }}
{{- include "registry.variable" (dict "name" "OIDC_SCOPES" "value" (join "," .scopes)) }}
{{- include "registry.variable" (dict "name" "OIDC_NAME_CLAIM" "value" .nameClaim) }}
{{- include "registry.variable" (dict "name" "OIDC_GROUPS_CLAIM" "value" .groupsClaim) }}
{{- include "registry.variable" (dict "name" "OIDC_ADMIN_GROUP" "value" .adminGroup) }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
