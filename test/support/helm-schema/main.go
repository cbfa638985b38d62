// Command helm-schema validates values against schemas with Helm 3 and Helm 4.
//
// Input is a JSON object per line, {"schema": text, "values": object}, and answers each with a line
// {"helm3": verdict, "helm4": verdict, "reason": text}. A verdict is "valid", "invalid" or "refused", the last for a schema
// that Helm cannot use.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"log"
	"log/slog"
	"os"

	helm3 "helm.sh/helm/v3/pkg/chartutil"
	helm4 "helm.sh/helm/v4/pkg/chart/common/util"
)

type question struct {
	Schema string         `json:"schema"`
	Values map[string]any `json:"values"`
}

type answer struct {
	Helm3  string `json:"helm3"`
	Helm4  string `json:"helm4"`
	Reason string `json:"reason,omitempty"`
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		return
	}
	log.SetOutput(os.Stderr)
	slog.SetLogLoggerLevel(slog.LevelError)
	decoder := json.NewDecoder(bufio.NewReader(os.Stdin))
	// Helm reads the numbers of values the same way.
	decoder.UseNumber()
	encoder := json.NewEncoder(os.Stdout)
	for decoder.More() {
		var asked question
		if err := decoder.Decode(&asked); err != nil {
			log.Fatal(err)
		}
		if err := encoder.Encode(ask(asked)); err != nil {
			log.Fatal(err)
		}
	}
}

func ask(asked question) answer {
	schema := []byte(asked.Schema)
	err3 := helm3.ValidateAgainstSingleSchema(asked.Values, schema)
	err4 := helm4.ValidateAgainstSingleSchema(asked.Values, schema)
	var invalid3 helm3.JSONSchemaValidationError
	var invalid4 helm4.JSONSchemaValidationError
	result := answer{Helm3: verdict(err3, errors.As(err3, &invalid3)), Helm4: verdict(err4, errors.As(err4, &invalid4))}
	if err3 != nil {
		result.Reason = err3.Error()
	}
	return result
}

func verdict(err error, isInvalid bool) string {
	switch {
	case err == nil:
		return "valid"
	case isInvalid:
		return "invalid"
	default:
		return "refused"
	}
}
