package ledger

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
)

// VerifyDatabase verifies the record in a database: all that Verify checks of what it publishes, and every row of
// log_entry, log_hash, log_text and log_head besides, also of entries that no checkpoint covers yet.
func VerifyDatabase(ctx context.Context, db *store.DB, o VerifyOptions) (*Report, error) {
	src, err := Database(ctx, db, "")
	if err != nil {
		return nil, err
	}
	r, err := Verify(ctx, src, o)
	if err != nil {
		return nil, err
	}
	if err := (&rowCheck{db: db, report: r}).run(ctx); err != nil {
		return nil, fmt.Errorf("verifying the rows of the record: %w", err)
	}
	r.Verified = !r.failed()
	return r, nil
}

// rowCheck goes through the rows of the record. As in the tower, each stored hash is held against the stored
// hashes below it, so that one changed byte is found at its own place.
type rowCheck struct {
	db     *store.DB
	report *Report

	size  int64            // of the rows
	next  int64            // the stored index that follows
	under [64]tlog.Hash    // the newest stored hash of each level
	known map[int64][]byte // the stored hashes of the batch
}

func (c *rowCheck) fail(entry int64, problem string, args ...any) {
	c.report.fail(Failure{Entry: entry, Problem: fmt.Sprintf(problem, args...)})
}

func (c *rowCheck) run(ctx context.Context) error {
	if err := c.db.Read(ctx, c.head); err != nil {
		return err
	}
	const batch = tileWidth // also bounds how many texts are in memory
	for from := int64(0); from < c.size; from += batch {
		err := c.db.Read(ctx, func(tx *store.Tx) error { return c.entries(tx, from, min(from+batch, c.size)) })
		if err != nil {
			return err
		}
	}
	return c.db.Read(ctx, c.beyond)
}

// head checks log_head against itself.
func (c *rowCheck) head(tx *store.Tx) error {
	row, err := readHead(tx)
	if err != nil {
		return err
	}
	c.size = row.size
	if row.verifier != c.report.Key {
		c.fail(-1, "log_head names the key %s", row.verifier)
	}
	if claimed := claimedTree(row.note).N; row.published != claimed {
		c.fail(-1, "log_head says that %d entries are published, its checkpoint says %d", row.published, claimed)
	}
	if row.published > row.size {
		c.fail(-1, "log_head says that %d entries are published and %d are stored", row.published, row.size)
	}
	return nil
}

// entries checks the rows of the entries in [from, to) and the hashes stored with them.
func (c *rowCheck) entries(tx *store.Tx, from, to int64) error {
	found, err := entryRows(tx, selectEntriesFrom, from, to)
	if err != nil {
		return err
	}
	texts, err := textRows(tx, found)
	if err != nil {
		return err
	}
	if err := c.read(tx, tlog.StoredHashCount(from), tlog.StoredHashCount(to)); err != nil {
		return err
	}
	for index := from; index < to; index++ {
		if len(found) == 0 || found[0].index != index {
			c.fail(index, "its row of log_entry is missing")
			c.hashes(index, nil)
			continue
		}
		r := found[0]
		found = found[1:]
		if leaf, err := ParseLeaf(r.leaf); err != nil {
			c.fail(index, "%v", err)
		} else {
			for _, column := range []struct{ name, has, leaf string }{
				{"id", string(r.id), string(leaf.ID)}, {"type", r.typ, leaf.Type}, {"subject", r.subject, leaf.Subject},
			} {
				if column.has != column.leaf {
					c.fail(index, "log_entry has the %s %q, the leaf says %q", column.name, column.has, column.leaf)
				}
			}
		}
		text := texts[r.id]
		if _, err := text.line(r.id); err != nil {
			c.fail(index, "%v", err)
		}
		h := tlog.RecordHash(r.leaf)
		c.hashes(index, &h)
	}
	return nil
}

func (c *rowCheck) read(tx *store.Tx, from, to int64) error {
	rows, err := tx.Query(selectHashRange, from, to-1)
	if err != nil {
		return err
	}
	defer rows.Close()
	c.known = make(map[int64][]byte, to-from)
	for rows.Next() {
		var i int64
		var h []byte
		if err := rows.Scan(&i, &h); err != nil {
			return err
		}
		c.known[i] = h
	}
	return rows.Err()
}

// hashes checks the hashes that entry index has completed: its own and those of the subtrees that end with it.
func (c *rowCheck) hashes(index int64, leaf *tlog.Hash) {
	want := leaf
	for level := 0; ; level++ {
		n := index >> uint(level)
		first := n << uint(level)
		stored, ok := c.known[c.next]
		c.next++
		switch {
		case !ok || len(stored) != tlog.HashSize:
			c.fail(first, "its row of log_hash is missing or too short, for %s", span(level, n))
			if want == nil {
				want = new(tlog.Hash)
			}
		case want != nil && *want != tlog.Hash(stored):
			c.fail(first, "log_hash holds %s for %s, and what lies below it gives %s", tlog.Hash(stored), span(level, n), *want)
			fallthrough
		default:
			h := tlog.Hash(stored)
			want = &h
		}
		if n&1 == 0 {
			c.under[level] = *want
			return
		}
		above := tlog.NodeHash(c.under[level], *want)
		want = &above
	}
}

const (
	countEntriesBeyond = `select count(*) from log_entry where idx < 0 or idx >= $1`
	countHashesBeyond  = `select count(*) from log_hash where i < 0 or i >= $1`
)

// beyond looks for rows that belong to no entry of the head.
func (c *rowCheck) beyond(tx *store.Tx) error {
	row, err := readHead(tx)
	if err != nil {
		return err
	}
	for _, table := range []struct {
		query string
		limit int64
		name  string
	}{{countEntriesBeyond, row.size, "log_entry"}, {countHashesBeyond, tlog.StoredHashCount(row.size), "log_hash"}} {
		var n int64
		if err := tx.QueryRow(table.query, table.limit).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			c.fail(-1, "%s holds %d rows beyond the %d entries of log_head", table.name, n, row.size)
		}
	}
	if treeRoot, err := tlog.TreeHash(row.size, hashReader{tx}); err == nil && treeRoot != row.root {
		c.fail(-1, "log_head has the root %s, the stored hashes give %s", row.root, treeRoot)
	}
	return nil
}
