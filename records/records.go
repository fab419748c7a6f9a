// Package records holds the public record of the constructive dialogues of
// 2022 to 2025 that the program starts with: one file for each dialogue, in
// the words of the editors, with the sources of every line.
package records

import (
	"cmp"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"rostrum.example/format/dialogue"
	"rostrum.example/format/mechanism"
)

//go:embed *.json
var files embed.FS

// Files gives the dialogue files themselves, as they are published.
func Files() fs.FS { return files }

// Read reads all dialogues with the preset they belong to, checks them
// together, and gives them in the order in which they were held. Where a file
// is wrong, the error is dialogue.Problems.
func Read(m *mechanism.Mechanism) ([]*dialogue.File, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, fmt.Errorf("listing records: %w", err)
	}
	var all []*dialogue.File
	var problems dialogue.Problems
	for _, name := range names {
		f, err := open(name, m)
		var wrong dialogue.Problems
		switch {
		case errors.As(err, &wrong):
			problems = append(problems, wrong...)
		case err != nil:
			return nil, err
		default:
			all = append(all, f)
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	if err := dialogue.Check(all); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b *dialogue.File) int {
		return cmp.Or(a.Date.First().Compare(b.Date.First()), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

func open(name string, m *mechanism.Mechanism) (*dialogue.File, error) {
	in, err := files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("reading records: %w", err)
	}
	defer in.Close()
	path := "records/" + name
	f, err := dialogue.Read(in, m)
	var problems dialogue.Problems
	if errors.As(err, &problems) {
		return nil, problems.In(path)
	}
	if err != nil {
		return nil, err
	}
	f.Path = path
	return f, nil
}
