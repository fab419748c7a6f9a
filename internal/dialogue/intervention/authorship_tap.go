package intervention

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"rostrum.example/internal/ledger"
)

// Tap is a record that is being verified, with an eye on what an authorship file speaks of: hand it to [ledger.Verify],
// and, if the record verifies, ask it what the file proves.
type Tap struct {
	src  ledger.Source
	file *Authorship
	c    *commitment

	mu     sync.Mutex
	leaves map[ledger.ID]ledger.Entered
	texts  map[ledger.ID][]byte
}

// NewTap reads an authorship file and stands before the source that it is to be held against. Errors wrap
// ErrNotAuthorship.
func NewTap(src ledger.Source, file []byte) (*Tap, error) {
	a, c, err := readAuthorship(file)
	if err != nil {
		return nil, err
	}
	return &Tap{src: src, file: a, c: c, leaves: map[ledger.ID]ledger.Entered{}, texts: map[ledger.ID][]byte{}}, nil
}

// Fetch is that of the source.
func (t *Tap) Fetch(ctx context.Context, path string) ([]byte, error) {
	b, err := t.src.Fetch(ctx, path)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if rest, ok := strings.CutPrefix(path, "log/tile/entries/"); ok {
		t.seeLeaves(rest, b)
	} else if strings.HasPrefix(path, "log/text/") {
		t.seeTexts(b)
	}
	return b, nil
}

// bundle reads the number of a bundle: "x001/234", with or without ".p/W".
func bundle(path string) (n int64, ok bool) {
	path, _, _ = strings.Cut(path, ".p/")
	n, err := strconv.ParseInt(strings.NewReplacer("x", "", "/", "").Replace(path), 10, 64)
	return n, err == nil
}

// seeLeaves and seeTexts keep what the file speaks of. What cannot be read here does not verify either.
func (t *Tap) seeLeaves(path string, b []byte) {
	n, ok := bundle(path)
	for i := int64(0); ok && len(b) >= 2; i++ {
		size := int(binary.BigEndian.Uint16(b))
		if len(b) < 2+size {
			return
		}
		leaf, err := ledger.ParseLeaf(b[2 : 2+size])
		b = b[2+size:]
		if err == nil && (leaf.ID == t.file.Entry || leaf.Type == textType && strings.HasSuffix(leaf.Subject, "/"+string(t.c.Input))) {
			t.leaves[leaf.ID] = ledger.Entered{Index: n*256 + i, Leaf: leaf}
		}
	}
}

func (t *Tap) seeTexts(b []byte) {
	for line := range bytes.Lines(b) {
		var one struct {
			ID   ledger.ID `json:"id"`
			Text *string   `json:"text"`
		}
		if bytes.Contains(line, []byte(t.c.Input)) && json.Unmarshal(line, &one) == nil && one.Text != nil {
			t.texts[one.ID] = []byte(*one.Text)
		}
	}
}

// Proven tells what the file proves, once the record has verified with this report. Errors wrap those of [Room.Prove].
func (t *Tap) Proven(report *ledger.Report) (*Proven, error) {
	if report == nil || !report.Verified {
		return nil, fmt.Errorf("%w: the record does not verify", ErrNotEntered)
	}
	if report.Origin != t.file.Record {
		return nil, fmt.Errorf("%w: %s", ErrOtherRecord, t.file.Record)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	e, ok := t.leaves[t.file.Entry]
	if !ok || e.Index >= report.Size {
		return nil, ErrNotEntered
	}
	var texts []ledger.Entered
	for id, leaf := range t.leaves {
		if text, ok := t.texts[id]; ok && leaf.Index < report.Size {
			leaf.Text = text
			texts = append(texts, leaf)
		}
	}
	return t.file.check(t.c, e, texts)
}
