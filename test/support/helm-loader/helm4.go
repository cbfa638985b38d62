package main

import (
	"fmt"

	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/loader"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
)

func loadWithHelm4(archive []byte, check bool) reading {
	charter, err := loader.LoadArchive(readerOf(archive))
	if err != nil {
		return reading{Error: err.Error()}
	}
	loaded, ok := charter.(*chart.Chart)
	if !ok {
		return reading{Error: fmt.Sprintf("a chart of another kind: %T", charter)}
	}
	result := reading{Chart: viewHelm4(loaded)}
	if check {
		result.Invalid = firstError(
			loaded.Validate,
			func() error { return chartutil.ProcessDependencies(loaded, map[string]any{}) },
			func() error {
				_, err := commonutil.ToRenderValues(loaded, map[string]any{}, common.ReleaseOptions{Name: "r"}, common.DefaultCapabilities)
				return err
			},
		)
	}
	return result
}

func viewHelm4(loaded *chart.Chart) *chartView {
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
		view.Dependencies = append(view.Dependencies, viewHelm4(inside))
	}
	view.sortDependencies()
	return view
}
