package ledger

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
)

// served is the record below one head, read from the rows. Everything but texts is the same for ever.
type served struct {
	db   *store.DB
	head Head
	key  string // the verifier key; empty where it is not known
}

// has tells whether there is something at the place.
func (s served) has(p place) bool {
	if p.kind == kindKey {
		return s.key != ""
	}
	return p.in(s.head.Size)
}

// write writes what is at a place that the record has.
func (s served) write(ctx context.Context, w io.Writer, p place) error {
	switch p.kind {
	case kindCheckpoint:
		_, err := w.Write(s.head.Note)
		return err
	case kindKey:
		_, err := io.WriteString(w, s.key+"\n")
		return err
	case kindHashes:
		return s.writeHashes(ctx, w, p)
	case kindEntries:
		return s.writeEntries(ctx, w, p)
	case kindText:
		return s.writeTexts(ctx, w, p)
	case kindEntry:
		return s.writeEntry(ctx, w, p.n)
	}
	return errNoPlace
}

func (s served) writeHashes(ctx context.Context, w io.Writer, p place) error {
	var hashes []tlog.Hash
	err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		hashes, err = hashReader{tx}.tile(p)
		return err
	})
	if err != nil {
		return fmt.Errorf("reading %s: %w", p.path(), err)
	}
	b := make([]byte, 0, len(hashes)*tlog.HashSize)
	for _, h := range hashes {
		b = append(b, h[:]...)
	}
	_, err = w.Write(b)
	return err
}

func (s served) writeEntries(ctx context.Context, w io.Writer, p place) error {
	var rows []row
	err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
		rows, err = entriesFrom(tx, p.n*tileWidth, p.n*tileWidth+int64(p.width))
		return err
	})
	if err != nil {
		return fmt.Errorf("reading %s: %w", p.path(), err)
	}
	var b []byte
	for _, r := range rows {
		if len(r.leaf) > MaxLeaf {
			return fmt.Errorf("%w: entry %d: its leaf has %d bytes", ErrDamaged, r.index, len(r.leaf))
		}
		b = binary.BigEndian.AppendUint16(b, uint16(len(r.leaf)))
		b = append(b, r.leaf...)
	}
	_, err = w.Write(b)
	return err
}

// textsAtOnce bounds how many texts are in memory at a time: each may be as large as MaxText.
const textsAtOnce = 16

func (s served) writeTexts(ctx context.Context, w io.Writer, p place) error {
	from, end := p.n*tileWidth, p.n*tileWidth+int64(p.width)
	for ; from < end; from += textsAtOnce {
		var lines []line
		err := s.db.Read(ctx, func(tx *store.Tx) (err error) {
			lines, err = readLines(tx, from, min(from+textsAtOnce, end))
			return err
		})
		if err != nil {
			return fmt.Errorf("reading %s: %w", p.path(), err)
		}
		var b []byte
		for _, n := range lines {
			if b, err = appendLine(b, n); err != nil {
				return err
			}
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return nil
}

// entryPage is /log/entry/<index>: all that is needed to check one entry.
type entryPage struct {
	Index      int64    `json:"index"`
	Size       int64    `json:"size"`
	Leaf       string   `json:"leaf"`
	Proof      []string `json:"proof"`
	Checkpoint string   `json:"checkpoint"`
	spelling
}

func (s served) writeEntry(ctx context.Context, w io.Writer, index int64) error {
	page := entryPage{Index: index, Size: s.head.Size, Proof: []string{}, Checkpoint: string(s.head.Note)}
	err := s.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := entriesFrom(tx, index, index+1)
		if err != nil {
			return err
		}
		lines, err := readLines(tx, index, index+1)
		if err != nil {
			return err
		}
		proof, err := tlog.ProveRecord(s.head.Size, index, hashReader{tx})
		if err != nil {
			return err
		}
		page.Leaf = base64.StdEncoding.EncodeToString(rows[0].leaf)
		page.spelling = lines[0].spell()
		for _, h := range proof {
			page.Proof = append(page.Proof, base64.StdEncoding.EncodeToString(h[:]))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading entry %d: %w", index, err)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(page); err != nil {
		return fmt.Errorf("writing entry %d: %w", index, err)
	}
	_, err = w.Write(b.Bytes())
	return err
}
