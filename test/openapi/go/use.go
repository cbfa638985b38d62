// Uses the generated client: composes a chart from an uploaded one, and downloads it.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

func main() {
	url, space, archive, target := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	ctx := context.Background()
	client := must(NewClientWithResponses(url, WithRequestEditorFn(acceptJSON)))

	must(client.CreateSpaceWithResponse(ctx, &CreateSpaceParams{Space: &space}, CreateSpaceJSONRequestBody{Space: space}))
	form, contentType := formOf(archive)
	uploaded := must(client.UploadChartWithBodyWithResponse(ctx, space, nil, contentType, form)).JSON201

	node := RecipeNode{Package: &NodeSource{Independent: true, Chart: uploaded.Chart, Version: uploaded.Version}}
	var child RecipeNode_AdditionalProperties
	check(child.FromRecipeNode(node))
	recipe := Recipe{
		Save:    Recipe_Save{Chart: "made", Version: "1.0.0"},
		Configs: RecipeNode{AdditionalProperties: map[string]RecipeNode_AdditionalProperties{"web": child}},
	}
	job := must(client.ComposeChartWithResponse(ctx, space, &ComposeChartParams{}, recipe)).JSON202
	for job.State == "queued" || job.State == "running" {
		answer := must(client.GetJobWithResponse(ctx, job.Id))
		job = answer.JSON200
		seconds, _ := strconv.Atoi(answer.HTTPResponse.Header.Get("Retry-After"))
		time.Sleep(time.Duration(seconds) * time.Second)
	}

	download := must(client.DownloadVersionWithResponse(ctx, space, "made", "1.0.0"))
	check(os.WriteFile(target, download.Body, 0o600))

	missing := must(client.GetSpaceWithResponse(ctx, "missing-"+space)).JSON404
	fmt.Println(string(must(json.Marshal(map[string]any{"state": job.State, "code": missing.Code}))))
}

// acceptJSON tells the registry from a bare client of Go, whose errors have the status as their code.
func acceptJSON(_ context.Context, request *http.Request) error {
	request.Header.Set("Accept", "*/*")
	return nil
}

func formOf(archive string) (*bytes.Buffer, string) {
	body := &bytes.Buffer{}
	form := multipart.NewWriter(body)
	part := must(form.CreateFormFile("chartfile", filepath.Base(archive)))
	must(part.Write(must(os.ReadFile(archive))))
	check(form.Close())
	return body, form.FormDataContentType()
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
