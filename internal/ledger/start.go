package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
)

// New opens the record, or begins it in an empty database. Before anything is served or signed it holds the
// database against the checkpoint file, and refuses a database that is older than what was published
// (ErrRolledBack), tells another history (ErrForked), belongs to another key or origin (ErrForeign), or is damaged
// (ErrDamaged).
func New(ctx context.Context, o Options) (*Ledger, error) {
	if o.DB == nil || o.Key == nil || o.Origin == "" || o.Clock == nil || o.Random == nil || o.CheckpointFile == "" {
		return nil, errors.New("opening the record: database, key, origin, clock, randomness and checkpoint file are all needed")
	}
	if o.Key.Name() != o.Origin {
		return nil, fmt.Errorf("opening the record: %w: the signing key is for %q, the record is %q", ErrForeign, o.Key.Name(), o.Origin)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	holder, err := store.NewID(o.Random)
	if err != nil {
		return nil, err
	}
	l := &Ledger{o: o, holder: holder, woken: make(chan struct{}, 1), changed: make(chan struct{})}
	if err := l.start(ctx); err != nil {
		return nil, fmt.Errorf("opening the record %s: %w", o.Origin, err)
	}
	return l, nil
}

func (l *Ledger) start(ctx context.Context) error {
	kept, err := keptCheckpoint(l.o.CheckpointFile, l.o.Key.verifier)
	if err != nil {
		return err
	}
	err = l.o.DB.Write(ctx, func(tx *store.Tx) error {
		return headRow{root: emptyRoot(), verifier: l.o.Key.Verifier}.insert(tx) // leaves a head that is there alone
	})
	if err != nil {
		return err
	}
	err = l.o.DB.Read(ctx, func(tx *store.Tx) error {
		row, err := readHead(tx)
		if err != nil {
			return err
		}
		if err := l.checkRow(tx, row); err != nil { // whose it is, and whether it agrees with itself
			return err
		}
		return l.compare(tx, kept, row)
	})
	if err != nil {
		return err
	}
	if kept != nil {
		l.head.Store(kept)
	}
	return l.Publish(ctx)
}

// compare walks through every relation of the checkpoint file and the database.
func (l *Ledger) compare(tx *store.Tx, kept *Head, row headRow) error {
	switch {
	case kept == nil && row.size == 0 && len(row.note) == 0:
		// Neither: a new record.
		return nil
	case kept == nil:
		// No file: it was lost, or the program has moved. Nothing can be compared.
		l.o.Log.Warn("no checkpoint was kept outside the database, so an older database would not have been noticed; one is kept from now on",
			"file", l.o.CheckpointFile, "entries", row.published)
		return nil
	case kept.Size > row.size:
		// The database is older than what was published.
		return fmt.Errorf("the checkpoint in %s: %w", l.o.CheckpointFile, rolledBack(kept.Size, row.size))
	case kept.Size == row.size && kept.Root != row.root:
		// The same size and another root.
		return fmt.Errorf("the checkpoint in %s: %w", l.o.CheckpointFile, forked(kept.Tree(), row.root))
	case kept.Size == row.size:
		// Equal.
		return nil
	default:
		// The file is older, as after a crash between the commit and the file: the database must continue it.
		if err := continues(tx, kept.Tree(), row.size); err != nil {
			return fmt.Errorf("the checkpoint in %s: %w", l.o.CheckpointFile, err)
		}
		return nil
	}
}

// keptCheckpoint reads the checkpoint file; nil stands for no file.
func keptCheckpoint(path string, verifier note.Verifier) (*Head, error) {
	signed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the checkpoint file: %w", err)
	}
	tree, err := openCheckpoint(signed, verifier)
	if errors.Is(err, ErrForeign) {
		return nil, fmt.Errorf("the checkpoint file %s: %w; give this record its own key, or its own file", path, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: the checkpoint file %s cannot be read: %w. It guards against a database from an old backup. Put a copy of it back; if there is none, verify the database against a checkpoint that someone else has kept, then remove the file", ErrDamaged, path, err)
	}
	return &Head{Origin: verifier.Name(), Size: tree.N, Root: tree.Hash, Note: signed}, nil
}

// Tree is the head as a tree.
func (h Head) Tree() tlog.Tree { return tlog.Tree{N: h.Size, Hash: h.Root} }
