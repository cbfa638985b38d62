{{/* Files from secrets that every process reads. Takes the root. */}}
{{- define "registry.mounts" -}}
- name: data
  mountPath: /data
{{- if .Values.access.keys.existingSecret }}
- name: keys
  mountPath: /etc/helm-registry/keys
  readOnly: true
{{- end }}
{{- if .Values.trustedCa.existingSecret }}
- name: trusted-ca
  mountPath: /etc/helm-registry/ca
  readOnly: true
{{- end }}
{{- end -}}

{{- define "registry.apiMounts" -}}
{{- if .Values.access.adminPassword.existingSecret }}
- name: admin
  mountPath: /etc/helm-registry/admin
  readOnly: true
{{- end }}
{{- if .Values.oidc.existingSecret }}
- name: oidc
  mountPath: /etc/helm-registry/oidc
  readOnly: true
{{- end }}
{{- if .Values.tls.existingSecret }}
- name: tls
  mountPath: /etc/helm-registry/tls
  readOnly: true
{{- end }}
{{- end -}}

{{/* A volume with one file of a secret. Takes `root`, `name`, `from` (existingSecret and key) and `file`. */}}
{{- define "registry.secretVolume" -}}
- name: {{ .name }}
  secret:
    secretName: {{ tpl .from.existingSecret .root }}
    items:
      - key: {{ .from.key }}
        path: {{ .file }}
    defaultMode: 0440
{{- end -}}

{{/* Volumes for `registry.mounts`. Takes `root`, and `isHook`, for which no claim exists yet. */}}
{{- define "registry.volumes" -}}
{{- $root := .root -}}
{{- with .root.Values -}}
- name: data
  {{- if and .persistence.enabled (not $.isHook) }}
  persistentVolumeClaim:
    claimName: {{ default (include "registry.fullname" $root) (tpl .persistence.existingClaim $root) }}
  {{- else if .uploads.sizeLimit }}
  emptyDir:
    sizeLimit: {{ .uploads.sizeLimit }}
  {{- else }}
  emptyDir: {}
  {{- end }}
{{- if .access.keys.existingSecret }}
{{ include "registry.secretVolume" (dict "root" $root "name" "keys" "from" .access.keys "file" "keys") }}
{{- end }}
{{- if .trustedCa.existingSecret }}
{{ include "registry.secretVolume" (dict "root" $root "name" "trusted-ca" "from" .trustedCa "file" "ca.crt") }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "registry.apiVolumes" -}}
{{- with .Values.access.adminPassword }}
{{- if .existingSecret }}
{{ include "registry.secretVolume" (dict "root" $ "name" "admin" "from" . "file" "password") }}
{{- end }}
{{- end }}
{{- with .Values.oidc }}
{{- if .existingSecret }}
{{ include "registry.secretVolume" (dict "root" $ "name" "oidc" "from" . "file" "client-secret") }}
{{- end }}
{{- end }}
{{- with .Values.tls.existingSecret }}
- name: tls
  secret:
    secretName: {{ tpl . $ }}
    defaultMode: 0440
{{- end }}
{{- end -}}

{{/* Volumes of `migrate` that a pod lacks. Takes `root` and `own`, the pod's further volumes. */}}
{{- define "registry.migrateVolumes" -}}
{{- $names := list -}}
{{- range .own }}{{ $names = append $names .name }}{{ end -}}
{{- $lacking := list -}}
{{- range .root.Values.migrate.extraVolumes -}}
{{- if not (has .name $names) }}{{ $lacking = append $lacking . }}{{ end -}}
{{- end -}}
{{- with $lacking -}}
{{- toYaml . -}}
{{- end -}}
{{- end -}}
