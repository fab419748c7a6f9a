package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Memory keeps, in a small file, the key and the newest checkpoint of each record that was verified ("trust on
// first use"). With it a later visit notices a changed key, a fork, or a record that has become shorter.
type Memory struct {
	path    string
	records map[string]remembered
}

type remembered struct {
	Key        string `json:"key"`
	Checkpoint string `json:"checkpoint"`
}

// OpenMemory reads the file at path; one that is not there is an empty memory.
func OpenMemory(path string) (*Memory, error) {
	m := &Memory{path: path, records: make(map[string]remembered)}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the remembered keys: %w", err)
	}
	var file struct {
		Records map[string]remembered `json:"records"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("reading the remembered keys: %s is damaged: %w; put a copy back, or remove it and compare each key again", path, err)
	}
	for name, r := range file.Records {
		m.records[name] = r
	}
	return m, nil
}

// Verify verifies the record that is known under name, which is its address. The key in the options, if there is
// one, is taken before the remembered one. A record that verifies is remembered.
func (m *Memory) Verify(ctx context.Context, name string, src Source, o VerifyOptions) (*Report, error) {
	known, ok := m.records[name]
	if ok && (o.Key == "" || o.Key == known.Key) {
		o.Key, o.Remembered = known.Key, []byte(known.Checkpoint)
	}
	r, err := Verify(ctx, src, o)
	if err != nil || !r.Verified {
		return r, err
	}
	m.records[name] = remembered{Key: r.Key, Checkpoint: r.Checkpoint}
	return r, m.save()
}

func (m *Memory) save() error {
	data, err := json.MarshalIndent(struct {
		Records map[string]remembered `json:"records"`
	}{m.records}, "", "  ")
	if err == nil {
		err = replaceFile(m.path, append(data, '\n'), 0o600)
	}
	if err != nil {
		return fmt.Errorf("remembering the record's key: %w", err)
	}
	return nil
}
