// Package presets holds the mechanism presets that the program is shipped
// with. They are data; a preset of another mechanism can be read from a file
// in the same way.
package presets

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"

	"rostrum.example/format/mechanism"
)

//go:embed *.json
var files embed.FS

// Files gives the preset files themselves, as they are published.
func Files() fs.FS { return files }

// IDs lists the ids of the presets in alphabetical order.
func IDs() ([]string, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, fmt.Errorf("listing presets: %w", err)
	}
	for i, name := range names {
		names[i] = strings.TrimSuffix(name, ".json")
	}
	return names, nil
}

// Read reads the preset with the given id. The error wraps fs.ErrNotExist
// where there is no such preset.
func Read(id string) (*mechanism.Mechanism, error) {
	f, err := files.Open(id + ".json")
	if err != nil {
		return nil, fmt.Errorf("reading preset: %w", err)
	}
	defer f.Close()
	m, err := mechanism.Read(f)
	if err != nil {
		return nil, fmt.Errorf("reading preset %s: %w", id, err)
	}
	return m, nil
}
