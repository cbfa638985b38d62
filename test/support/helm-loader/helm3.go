package main

import (
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
)

func loadWithHelm3(archive []byte, check bool) reading {
	loaded, err := loader.LoadArchive(readerOf(archive))
	if err != nil {
		return reading{Error: err.Error()}
	}
	result := reading{Chart: viewHelm3(loaded)}
	if check {
		result.Invalid = firstError(
			loaded.Validate,
			func() error { return chartutil.ProcessDependenciesWithMerge(loaded, map[string]any{}) },
			func() error {
				_, err := chartutil.ToRenderValues(loaded, map[string]any{}, chartutil.ReleaseOptions{Name: "r"}, chartutil.DefaultCapabilities)
				return err
			},
		)
	}
	return result
}

func viewHelm3(loaded *chart.Chart) *chartView {
	view := &chartView{
		Name: loaded.Name(), Version: loaded.Metadata.Version, Metadata: *loaded.Metadata, Values: loaded.Values,
		Schema: schemaDigest(loaded.Schema), Files: map[string]string{}, Templates: []string{}, OtherFiles: []string{},
	}
	if loaded.Lock != nil {
		view.Lock = lockView(loaded.Lock)
	}
	for _, file := range loaded.Raw {
		view.addFile(file.Name, file.Data)
	}
	for _, file := range loaded.Templates {
		view.Templates = append(view.Templates, file.Name)
	}
	for _, file := range loaded.Files {
		view.OtherFiles = append(view.OtherFiles, file.Name)
	}
	for _, inside := range loaded.Dependencies() {
		view.Dependencies = append(view.Dependencies, viewHelm3(inside))
	}
	view.sortDependencies()
	return view
}
