{{/* Container that brings the database up to date, and ends. Takes the root. */}}
{{- define "registry.migrateContainer" -}}
- name: migrate
  image: {{ include "registry.image" . }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  args: [migrate]
  env:
    {{- include "registry.environment" . | nindent 4 }}
    {{- with .Values.migrate.extraEnv }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  {{- with .Values.securityContext }}
  securityContext:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.migrate.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    {{- include "registry.mounts" . | nindent 4 }}
    {{- with .Values.migrate.extraVolumeMounts }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{/* Fields that all pods have: images, account and security. Takes the root. */}}
{{- define "registry.podBase" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.podSecurityContext }}
securityContext:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Constraints of a part; those without a labelSelector get that of its pods. Takes `root`, `component`, `part`. */}}
{{- define "registry.spread" -}}
{{- $selector := dict "labelSelector" (dict "matchLabels" (fromYaml (include "registry.selector" .))) -}}
{{- $all := list -}}
{{- range .part.topologySpreadConstraints -}}
{{- $all = append $all (ternary . (merge (dict) . $selector) (hasKey . "labelSelector")) -}}
{{- end -}}
{{- with $all -}}
topologySpreadConstraints:
  {{- toYaml . | nindent 2 }}
{{- end -}}
{{- end -}}

{{/* Deployment of `api` or `worker`. Takes `root`, `component` and `part`, its values. */}}
{{- define "registry.deployment" -}}
{{- $root := .root -}}
{{- $isApi := eq .component "api" -}}
{{- $scheme := ternary "HTTPS" "HTTP" (and $isApi (not (empty .root.Values.tls.existingSecret))) -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  {{- include "registry.metadata" (dict "root" .root "component" .component "suffix" .component) | nindent 2 }}
spec:
  {{- if not .part.autoscaling.enabled }}
  replicas: {{ .part.replicas }}
  {{- end }}
  selector:
    matchLabels:
      {{- include "registry.selector" . | nindent 6 }}
  {{- with .part.strategy }}
  strategy:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  template:
    metadata:
      labels:
        {{- include "registry.labels" . | nindent 8 }}
        {{- with .part.podLabels }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- with merge (dict) .part.podAnnotations .root.Values.commonAnnotations }}
      annotations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      {{- include "registry.podBase" $root | nindent 6 }}
      serviceAccountName: {{ include "registry.serviceAccount" $root }}
      terminationGracePeriodSeconds: {{ add .root.Values.shutdown.delaySeconds .root.Values.shutdown.timeoutSeconds 7 }}
      {{- with .part.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- if eq .root.Values.migrate.mode "initContainer" }}
      initContainers:
        {{- include "registry.migrateContainer" $root | nindent 8 }}
      {{- end }}
      containers:
        - name: {{ .component }}
          image: {{ include "registry.image" $root }}
          imagePullPolicy: {{ .root.Values.image.pullPolicy }}
          args: [{{ .component }}]
          env:
            {{- include "registry.environment" $root | nindent 12 }}
            {{- if $isApi }}
            {{- include "registry.apiEnvironment" $root | nindent 12 }}
            {{- else }}
            - name: WORKER_LISTEN
              value: ":8099"
            - name: WORKER_CONCURRENCY
              value: {{ .part.concurrency | quote }}
            {{- end }}
            {{- if .root.Values.metrics.enabled }}
            - name: METRICS_LISTEN
              value: ":{{ .root.Values.metrics.port }}"
            {{- end }}
            {{- with .part.extraEnv }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
          ports:
            - name: http
              containerPort: 8099
            {{- if .root.Values.metrics.enabled }}
            - name: metrics
              containerPort: {{ .root.Values.metrics.port }}
            {{- end }}
          startupProbe:
            httpGet: { path: /healthz, port: http, scheme: {{ $scheme }} }
            periodSeconds: 2
            timeoutSeconds: 5
            failureThreshold: 60
          livenessProbe:
            httpGet: { path: /healthz, port: http, scheme: {{ $scheme }} }
            periodSeconds: 10
            timeoutSeconds: 8
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /readyz, port: http, scheme: {{ $scheme }} }
            periodSeconds: 5
            timeoutSeconds: 5
            failureThreshold: 3
          {{- if and $isApi (gt (int .root.Values.shutdown.delaySeconds) 0) }}
          lifecycle:
            preStop:
              exec:
                command: [sleep, {{ .root.Values.shutdown.delaySeconds | quote }}]
          {{- end }}
          {{- with .part.resources }}
          resources:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          {{- with .root.Values.securityContext }}
          securityContext:
            {{- toYaml . | nindent 12 }}
          {{- end }}
          volumeMounts:
            {{- include "registry.mounts" $root | nindent 12 }}
            {{- if $isApi }}
            {{- include "registry.apiMounts" $root | nindent 12 }}
            {{- end }}
            {{- with .part.extraVolumeMounts }}
            {{- toYaml . | nindent 12 }}
            {{- end }}
        {{- with .part.extraContainers }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      volumes:
        {{- include "registry.volumes" (dict "root" $root) | nindent 8 }}
        {{- if $isApi }}
        {{- include "registry.apiVolumes" $root | nindent 8 }}
        {{- end }}
        {{- with .part.extraVolumes }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
        {{- if eq .root.Values.migrate.mode "initContainer" }}
        {{- with include "registry.migrateVolumes" (dict "root" $root "own" .part.extraVolumes) }}
        {{- . | nindent 8 }}
        {{- end }}
        {{- end }}
      {{- include "registry.spread" . | nindent 6 }}
      {{- with .part.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .part.tolerations }}
      tolerations:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .part.affinity }}
      affinity:
        {{- toYaml . | nindent 8 }}
      {{- end }}
{{- end -}}
