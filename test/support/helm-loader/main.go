// Program helm-loader reads chart archives with Helm 3 and Helm 4.
//
// Input is the paths of archives on stdin, one a line, or with -stream the archives themselves, each behind its length as
// four bytes, the highest first. It prints one line of JSON for each archive, in the same order. With -check it also prints
// the refusals of `helm template` after loading: dependencies that cannot be processed, and values against the schemas.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"sort"
)

// answer is one line of output.
type answer struct {
	// Path is empty for archives of a stream.
	Path  string  `json:"path,omitempty"`
	Helm3 reading `json:"helm3"`
	Helm4 reading `json:"helm4"`
}

// reading is the result of one major version of Helm for an archive: Error or Chart.
type reading struct {
	Error string     `json:"error,omitempty"`
	Chart *chartView `json:"chart,omitempty"`
	// Invalid is the refusal of `helm template` after loading; only with -check.
	Invalid string `json:"invalid,omitempty"`
}

// chartView is a loaded chart and those inside it.
type chartView struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	// Metadata is Chart.yaml, and requirements.yaml where Helm reads it, as Helm's own type of it.
	Metadata any `json:"metadata"`
	// Files has the SHA-256 of every file by its path, those of subcharts included; of two with one path the last.
	Files map[string]string `json:"files"`
	// Doubled has the paths that are in the archive more than once.
	Doubled []string `json:"doubled,omitempty"`
	// Templates and OtherFiles are the paths in the order in which Helm has them.
	Templates  []string       `json:"templates"`
	OtherFiles []string       `json:"otherFiles"`
	Values     map[string]any `json:"values"`
	// Schema is the SHA-256 of values.schema.json, empty where there is none.
	Schema string `json:"schema,omitempty"`
	Lock   any    `json:"lock,omitempty"`
	// Dependencies are the charts inside, by name and version.
	Dependencies []*chartView `json:"dependencies,omitempty"`
}

func main() {
	stream := flag.Bool("stream", false, "read archives from stdin, each behind its length in four bytes")
	check := flag.Bool("check", false, "also process dependencies and check values against schemas")
	flag.Parse()
	// Helm logs warnings, which are no part of the readings.
	log.SetOutput(io.Discard)
	if err := run(os.Stdin, os.Stdout, *stream, *check); err != nil {
		fmt.Fprintln(os.Stderr, "helm-loader:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, stream, check bool) error {
	next := readPaths(in)
	if stream {
		next = readStream(in)
	}
	lines := bufio.NewWriter(out)
	encoder := json.NewEncoder(lines)
	for {
		path, archive, err := next()
		if errors.Is(err, io.EOF) {
			return lines.Flush()
		}
		if err != nil {
			return err
		}
		line := answer{Path: path, Helm3: guard(loadWithHelm3, archive, check), Helm4: guard(loadWithHelm4, archive, check)}
		if err := encoder.Encode(line); err != nil {
			return err
		}
		// Flush after each archive, because a client may wait for each answer.
		if err := lines.Flush(); err != nil {
			return err
		}
	}
}

// guard makes a panic of Helm an error, as it would end the `helm` command.
func guard(load func([]byte, bool) reading, archive []byte, check bool) (result reading) {
	defer func() {
		if cause := recover(); cause != nil {
			result = reading{Error: fmt.Sprintf("panic: %v", cause)}
		}
	}()
	return load(archive, check)
}

func readPaths(in io.Reader) func() (string, []byte, error) {
	lines := bufio.NewScanner(in)
	return func() (string, []byte, error) {
		if !lines.Scan() {
			if err := lines.Err(); err != nil {
				return "", nil, err
			}
			return "", nil, io.EOF
		}
		archive, err := os.ReadFile(lines.Text())
		return lines.Text(), archive, err
	}
}

func readStream(in io.Reader) func() (string, []byte, error) {
	buffered := bufio.NewReader(in)
	return func() (string, []byte, error) {
		var length uint32
		if err := binary.Read(buffered, binary.BigEndian, &length); err != nil {
			return "", nil, err
		}
		archive := make([]byte, length)
		_, err := io.ReadFull(buffered, archive)
		return "", archive, err
	}
}

// addFile records a file by its path, and paths that occur twice.
func (view *chartView) addFile(path string, data []byte) {
	if _, known := view.Files[path]; known {
		view.Doubled = append(view.Doubled, path)
	}
	view.Files[path] = digest(data)
}

// sortDependencies sorts the subcharts, because Helm reads them from a map in random order.
func (view *chartView) sortDependencies() {
	sort.SliceStable(view.Dependencies, func(i, j int) bool {
		left, right := view.Dependencies[i], view.Dependencies[j]
		if left.Name != right.Name {
			return left.Name < right.Name
		}
		return left.Version < right.Version
	})
}

// lockView renders a lock file as JSON; empty where it has a time that Go can read from JSON and not write.
func lockView(lock any) any {
	written, err := json.Marshal(lock)
	if err != nil {
		return nil
	}
	return json.RawMessage(written)
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func schemaDigest(schema []byte) string {
	if schema == nil {
		return ""
	}
	return digest(schema)
}

// firstError names the step that failed.
func firstError(steps ...func() error) string {
	for _, step := range steps {
		if err := step(); err != nil {
			return err.Error()
		}
	}
	return ""
}

func readerOf(archive []byte) io.Reader { return bytes.NewReader(archive) }
