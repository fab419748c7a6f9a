package ledger

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
)

// batchSize bounds how many entries one transaction integrates, so that other writers wait milliseconds.
const batchSize = 1024

// Integrate gives an index to every entry that waits when it is called, and tells how many it took; so it ends even
// while acts keep coming. It may run in several programs at once: the head's row is locked, and an entry leaves the
// waiting list in the transaction that gives it its index, so each entry gets exactly one.
func (l *Ledger) Integrate(ctx context.Context) (n int, err error) {
	var waiting int
	err = l.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		waiting, err = countWaiting(tx)
		return err
	})
	for err == nil && n < waiting {
		var took int
		err = l.o.DB.Write(ctx, func(tx *store.Tx) (err error) {
			took, err = l.integrateBatch(tx)
			return err
		})
		if err != nil || took == 0 {
			break
		}
		n += took
	}
	if err != nil {
		return n, fmt.Errorf("integrating entries: %w", err)
	}
	return n, nil
}

func (l *Ledger) integrateBatch(tx *store.Tx) (int, error) {
	head, err := lockHead(tx, l.o.DB.Engine())
	if err != nil {
		return 0, err
	}
	batch, err := pendingRows(tx, selectPending, batchSize)
	if err != nil || len(batch) == 0 {
		return 0, err
	}
	batch, err = inCitingOrder(tx, batch)
	if err != nil {
		return 0, err
	}
	edge, err := readEdge(tx, head)
	if err != nil {
		return 0, err
	}
	var hashes []tlog.Hash
	for k := range batch {
		batch[k].index = head.size + int64(k)
		hashes = edge.append(hashes, tlog.RecordHash(batch[k].leaf))
	}
	if err := insertEntryRows(tx, batch); err != nil {
		return 0, err
	}
	if err := insertHashRows(tx, tlog.StoredHashCount(head.size), hashes); err != nil {
		return 0, err
	}
	if err := deletePendingRows(tx, batch); err != nil {
		return 0, err
	}
	if err := head.grow(tx, edge.size, edge.root()); err != nil {
		return 0, err
	}
	return len(batch), nil
}

// readEdge reads the right edge of the tree and refuses to build on one that is not the head's.
func readEdge(tx *store.Tx, head headRow) (*edge, error) {
	e := &edge{size: head.size}
	treeRoot, err := tlog.TreeHash(head.size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes, err := hashReader{tx}.ReadHashes(indexes)
		for k, i := range indexes {
			if err == nil {
				level, _ := tlog.SplitStoredHashIndex(i)
				e.levels[level] = hashes[k]
			}
		}
		return hashes, err
	}))
	if err != nil {
		return nil, err
	}
	if treeRoot != head.root {
		return nil, fmt.Errorf("%w: the stored hashes do not give the root of the %d entries in log_head; run the check of the whole record, and restore the newest backup that passes it", ErrDamaged, head.size)
	}
	return e, nil
}

// edge is the right edge of a growing tree: levels[k] is the root of the newest complete subtree of 2^k entries,
// which belongs to the edge where bit k of size is set.
type edge struct {
	size   int64
	levels [64]tlog.Hash
}

// append adds an entry and appends to hashes those to be stored for it, in the order of tlog.StoredHashIndex.
func (e *edge) append(hashes []tlog.Hash, leaf tlog.Hash) []tlog.Hash {
	h := leaf
	hashes = append(hashes, h)
	level := 0
	for ; e.size>>uint(level)&1 == 1; level++ {
		h = tlog.NodeHash(e.levels[level], h)
		hashes = append(hashes, h)
	}
	e.levels[level] = h
	e.size++
	return hashes
}

// root is the root of the tree (RFC 6962, section 2.1).
func (e *edge) root() tlog.Hash {
	if e.size == 0 {
		return emptyRoot()
	}
	var h tlog.Hash
	first := true
	for level := range e.levels {
		switch {
		case e.size>>uint(level)&1 == 0:
		case first:
			h, first = e.levels[level], false
		default:
			h = tlog.NodeHash(e.levels[level], h)
		}
	}
	return h
}

// emptyRoot is the root of the empty tree.
func emptyRoot() tlog.Hash {
	h, err := tlog.TreeHash(0, nil)
	if err != nil {
		panic(err) // it reads nothing
	}
	return h
}

// inCitingOrder puts every entry behind those that it cites. An entry that waits for one outside the batch (clocks
// of several programs differ) brings that one in.
func inCitingOrder(tx *store.Tx, batch []row) ([]row, error) {
	waiting := make(map[ID]row, len(batch))
	for _, r := range batch {
		waiting[r.id] = r
	}
	placed := make(map[ID]bool, len(batch))
	ordered := make([]row, 0, len(batch))
	var place func(r row) error
	place = func(r row) error {
		if placed[r.id] {
			return nil
		}
		placed[r.id] = true // before its citations: a circle, which cannot be, would not hang
		leaf, err := ParseLeaf(r.leaf)
		if err != nil {
			return fmt.Errorf("%w: waiting entry %s: %w", ErrDamaged, r.id, err)
		}
		for _, id := range leaf.Cites {
			cited, ok := waiting[id]
			if !ok {
				switch cited, err = find(tx, id); {
				case err != nil:
					return fmt.Errorf("%w: waiting entry %s cites %s: %w", ErrDamaged, r.id, id, err)
				case cited.index != Pending:
					continue
				}
			}
			if err := place(cited); err != nil {
				return err
			}
		}
		ordered = append(ordered, r)
		return nil
	}
	for _, r := range batch {
		if err := place(r); err != nil {
			return nil, err
		}
	}
	return ordered, nil
}
