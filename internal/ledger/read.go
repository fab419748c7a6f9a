package ledger

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
)

// view gives a row as the record shows it: an entry that no published checkpoint covers is Pending.
func view(r row, n line, published int64) (Entered, error) {
	leaf, err := ParseLeaf(r.leaf)
	if err != nil {
		return Entered{}, fmt.Errorf("%w: entry %s: %w", ErrDamaged, r.id, err)
	}
	e := Entered{Index: r.index, Org: r.org, Leaf: leaf, Bytes: r.leaf, Salt: n.Salt, Text: n.Text, Notice: n.Withdrawn}
	if e.Index >= published {
		e.Index = Pending
	}
	return e, nil
}

// views reads rows in one transaction. It takes the size of the head before, so that no index is shown that a
// checkpoint does not cover.
func (l *Ledger) views(ctx context.Context, rows func(*store.Tx, Head) ([]row, error)) ([]Entered, error) {
	head := l.Head(ctx)
	var all []Entered
	err := l.o.DB.Read(ctx, func(tx *store.Tx) error {
		found, err := rows(tx, head)
		if err != nil {
			return err
		}
		lines, err := readLinesOf(tx, found)
		if err != nil {
			return err
		}
		all = make([]Entered, len(found))
		for k, r := range found {
			if all[k], err = view(r, lines[k], head.Size); err != nil {
				return err
			}
		}
		return nil
	})
	return all, err
}

// Entry reads the entry at an index, or answers ErrNotFound where no published checkpoint covers it.
func (l *Ledger) Entry(ctx context.Context, index int64) (*Entered, error) {
	all, err := l.views(ctx, func(tx *store.Tx, head Head) ([]row, error) {
		if index < 0 || index >= head.Size {
			return nil, fmt.Errorf("entry %d: %w", index, ErrNotFound)
		}
		return entriesFrom(tx, index, index+1)
	})
	if err != nil {
		return nil, err
	}
	return &all[0], nil
}

// ByID reads an entry by its name, also while it is Pending.
func (l *Ledger) ByID(ctx context.Context, id ID) (*Entered, error) {
	all, err := l.views(ctx, func(tx *store.Tx, _ Head) ([]row, error) {
		r, err := find(tx, id)
		return []row{r}, err
	})
	if err != nil {
		return nil, err
	}
	return &all[0], nil
}

// Of reads the history of a subject, oldest first; entries that are Pending come last.
func (l *Ledger) Of(ctx context.Context, subject string) ([]Entered, error) {
	return l.views(ctx, func(tx *store.Tx, _ Head) ([]row, error) {
		// Between the two reads an entry may move from the waiting list to the log; it is then listed once.
		waiting, err := pendingRows(tx, selectPendingBySubject, subject)
		if err != nil {
			return nil, err
		}
		all, err := entryRows(tx, selectEntriesBySubject, subject)
		if err != nil {
			return nil, err
		}
		known := make(map[ID]bool, len(waiting))
		for _, r := range all {
			known[r.id] = true
		}
		for _, r := range waiting {
			if !known[r.id] {
				all = append(all, r)
			}
		}
		return all, nil
	})
}

// Recent reads up to limit published entries before an index, newest first. A negative before, or one beyond the
// end, begins with the newest.
func (l *Ledger) Recent(ctx context.Context, before int64, limit int) ([]Entered, error) {
	return l.views(ctx, func(tx *store.Tx, head Head) ([]row, error) {
		if before < 0 || before > head.Size {
			before = head.Size
		}
		return entryRows(tx, selectEntriesBefore, before, limit)
	})
}

// Proof gives the audit path of an entry in the tree of size entries (RFC 6962, section 2.1.1). It answers
// ErrNotFound for an entry outside that tree, or a tree that is not published.
func (l *Ledger) Proof(ctx context.Context, index, size int64) (tlog.RecordProof, error) {
	if size > l.Head(ctx).Size || index < 0 || index >= size {
		return nil, fmt.Errorf("proving entry %d of %d: %w", index, size, ErrNotFound)
	}
	var proof tlog.RecordProof
	err := l.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		proof, err = tlog.ProveRecord(size, index, hashReader{tx})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("proving entry %d of %d: %w", index, size, err)
	}
	return proof, nil
}

// Consistency proves that the tree of to entries begins with the tree of from entries (RFC 6962, section 2.1.2).
// Both must be published sizes or lie below one; from is at least 1, for every tree begins with the empty one.
func (l *Ledger) Consistency(ctx context.Context, from, to int64) (tlog.TreeProof, error) {
	if from < 1 || from > to || to > l.Head(ctx).Size {
		return nil, fmt.Errorf("proving that %d entries begin with %d: %w", to, from, ErrNotFound)
	}
	var proof tlog.TreeProof
	err := l.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		proof, err = tlog.ProveTree(to, from, hashReader{tx})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("proving that %d entries begin with %d: %w", to, from, err)
	}
	return proof, nil
}
