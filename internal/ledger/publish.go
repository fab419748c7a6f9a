package ledger

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
)

// Publish signs a checkpoint of all integrated entries, if any is not covered yet, and serves it. The signature is
// only given to a tree that continues the last signed one and the one this program serves.
func (l *Ledger) Publish(ctx context.Context) error {
	err := l.o.DB.Write(ctx, func(tx *store.Tx) error {
		row, err := lockHead(tx, l.o.DB.Engine())
		if err != nil {
			return err
		}
		if len(row.note) > 0 && row.size == row.published {
			return nil
		}
		if err := l.checkRow(tx, row); err != nil {
			return err
		}
		note, err := signCheckpoint(l.o.Key, l.o.Origin, tlog.Tree{N: row.size, Hash: row.root})
		if err != nil {
			return err
		}
		return row.sign(tx, note, l.o.Clock())
	})
	if err != nil {
		return fmt.Errorf("publishing a checkpoint: %w", err)
	}
	return l.Refresh(ctx)
}

// Refresh takes over the newest checkpoint in the database, which another program may have published.
func (l *Ledger) Refresh(ctx context.Context) error {
	l.adopting.Lock()
	defer l.adopting.Unlock()
	served := l.head.Load()
	var next *Head
	err := l.o.DB.Read(ctx, func(tx *store.Tx) error {
		row, err := readHead(tx)
		if err != nil {
			return err
		}
		if len(row.note) == 0 || served != nil && string(served.Note) == string(row.note) && served.SignedAt.Equal(row.signedAt) {
			return nil
		}
		if err := l.checkRow(tx, row); err != nil {
			return err
		}
		tree, err := openCheckpoint(row.note, l.o.Key.verifier)
		if err != nil {
			return err
		}
		next = &Head{Origin: l.o.Origin, Size: tree.N, Root: tree.Hash, Note: row.note, SignedAt: row.signedAt}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the published checkpoint: %w", err)
	}
	if next == nil {
		return nil
	}
	return l.adopt(served, next)
}

// adopt makes next the head that this program serves. The caller holds adopting and has checked that next
// continues served.
func (l *Ledger) adopt(served, next *Head) error {
	if served == nil || string(served.Note) != string(next.Note) {
		if err := replaceFile(l.o.CheckpointFile, next.Note, 0o644); err != nil {
			return fmt.Errorf("keeping the checkpoint outside the database: %w", err)
		}
	}
	l.head.Store(next)
	if served != nil && served.Size == next.Size {
		return nil
	}
	l.mu.Lock()
	close(l.changed)
	l.changed = make(chan struct{})
	told := l.onPublish
	l.mu.Unlock()
	for _, fn := range told {
		fn(*next)
	}
	return nil
}

// checkRow holds the database's head against everything that was ever signed and is still known: its own newest
// checkpoint, and the one that this program serves (at the start, the one in the file).
func (l *Ledger) checkRow(tx *store.Tx, row headRow) error {
	if row.verifier != l.o.Key.Verifier {
		return fmt.Errorf("%w: the database was begun with the key %s, this program signs with %s; give it the key file of this record", ErrForeign, row.verifier, l.o.Key.Verifier)
	}
	if err := continues(tx, tlog.Tree{N: row.size, Hash: row.root}, row.size); err != nil {
		return fmt.Errorf("the hashes of all entries: %w", err)
	}
	if len(row.note) > 0 {
		tree, err := openCheckpoint(row.note, l.o.Key.verifier)
		if err != nil {
			return fmt.Errorf("%w: the checkpoint in the database: %w", ErrDamaged, err)
		}
		if tree.N != row.published {
			return fmt.Errorf("%w: log_head says that %d entries are published, its checkpoint says %d", ErrDamaged, row.published, tree.N)
		}
		if err := continues(tx, tree, row.size); err != nil {
			return fmt.Errorf("the checkpoint in the database: %w", err)
		}
	}
	if served := l.head.Load(); served != nil {
		if err := continues(tx, tlog.Tree{N: served.Size, Hash: served.Root}, row.size); err != nil {
			return fmt.Errorf("the checkpoint in %s: %w", l.o.CheckpointFile, err)
		}
	}
	return nil
}

// continues asserts that the tree of size entries in the rows begins with the tree of an earlier checkpoint.
func continues(tx *store.Tx, earlier tlog.Tree, size int64) error {
	if earlier.N > size {
		return rolledBack(earlier.N, size)
	}
	got, err := tlog.TreeHash(earlier.N, hashReader{tx})
	if err != nil {
		return err
	}
	if got != earlier.Hash {
		return forked(earlier, got)
	}
	return nil
}

func rolledBack(published, size int64) error {
	return fmt.Errorf("%w: it covers %d entries and the database holds %d. The database was replaced by an older one, probably from a backup; entries that people have seen are missing, and going on would sign a second history. Put the newest database back, or restore a backup made after this checkpoint", ErrRolledBack, published, size)
}

func forked(published tlog.Tree, got tlog.Hash) error {
	return fmt.Errorf("%w: the first %d entries in the database have the root %s, the checkpoint says %s. One of the two was changed; nothing is signed until the right one is back. Check the database and your backups against the checkpoint, and use the one that passes", ErrForked, published.N, got, published.Hash)
}
