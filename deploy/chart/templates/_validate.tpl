{{/* Refuses values that contradict each other, with what to set. The schema has checked each alone. */}}
{{- define "registry.validate" -}}
{{- $errors := list -}}
{{- with .Values -}}
{{- $hasStore := not (empty .objectStore.existingSecret) -}}
{{- if not .database.existingSecret -}}
{{- $errors = append $errors "database.existingSecret is empty: name a secret with the address of PostgreSQL" -}}
{{- end -}}
{{- if and $hasStore .persistence.enabled -}}
{{- $errors = append $errors "objectStore.existingSecret and persistence.enabled are both set: archives have exactly one place, remove one of the two" -}}
{{- end -}}
{{- if not (or $hasStore .persistence.enabled) -}}
{{- $errors = append $errors "archives have no place: set exactly one of objectStore.existingSecret (a bucket) and persistence.enabled (a shared folder)" -}}
{{- end -}}
{{- if and $hasStore (not (and .objectStore.endpoint .objectStore.bucket)) -}}
{{- $errors = append $errors "objectStore.existingSecret is set, and so objectStore.endpoint and objectStore.bucket are needed too" -}}
{{- end -}}
{{- if and (not $hasStore) (or .objectStore.endpoint .objectStore.bucket) -}}
{{- $errors = append $errors "objectStore.endpoint or objectStore.bucket is set, and so objectStore.existingSecret is needed too" -}}
{{- end -}}
{{- if and (eq .access.mode "guarded") (not .publicUrl) -}}
{{- $errors = append $errors "publicUrl is empty: guarded access needs the address by which clients reach the registry" -}}
{{- end -}}
{{- if ne (empty .oidc.issuer) (empty .oidc.clientId) -}}
{{- $errors = append $errors "oidc.issuer and oidc.clientId are needed together" -}}
{{- end -}}
{{- if and .httpRoute.enabled (empty .httpRoute.parentRefs) -}}
{{- $errors = append $errors "httpRoute.parentRefs is empty: name at least one gateway" -}}
{{- end -}}
{{- if and (or .ingress.enabled) (not .publicUrl) (empty .ingress.hosts) -}}
{{- $errors = append $errors "ingress.hosts is empty: name at least one host, or set publicUrl" -}}
{{- end -}}
{{- if and (not .metrics.enabled) (or .metrics.serviceMonitor.enabled .metrics.prometheusRule.enabled) -}}
{{- $errors = append $errors "metrics.serviceMonitor and metrics.prometheusRule need metrics.enabled" -}}
{{- end -}}
{{- range $name, $part := dict "api" .api "worker" .worker -}}
{{- if and $part.pdb.enabled (eq (empty (toString $part.pdb.minAvailable)) (empty (toString $part.pdb.maxUnavailable))) -}}
{{- $errors = append $errors (printf "%s.pdb: set exactly one of minAvailable and maxUnavailable, and the other to \"\"" $name) -}}
{{- end -}}
{{- with $part.autoscaling -}}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- $errors = append $errors (printf "%s.autoscaling: minReplicas is larger than maxReplicas" $name) -}}
{{- end -}}
{{- if and .enabled (not (or .targetCPU .targetMemory .metrics)) -}}
{{- $errors = append $errors (printf "%s.autoscaling: set at least one of targetCPU, targetMemory and metrics" $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- with $errors -}}
{{- fail (printf "\n\nThese values do not fit together:\n- %s\n" (join "\n- " .)) -}}
{{- end -}}
{{- end -}}
