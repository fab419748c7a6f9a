package ledger

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
)

// batchRows is how many rows one statement writes or names: the SQLite driver looks for each parameter's name in a
// list, so that much longer statements become slower again. Statements come in few lengths, so that engines can
// keep their plans.
const batchRows = 64

// placeholders gives rows groups of columns parameters: ($1, $2), ($3, $4).
func placeholders(rows, columns int) string {
	var b strings.Builder
	for n := range rows * columns {
		switch {
		case n == 0:
			b.WriteString("(")
		case n%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(n+1))
	}
	b.WriteString(")")
	return b.String()
}

const selectHashes = `
	select i, h
	  from log_hash
	 where i in `

// hashReader reads the tree's hashes from the rows.
type hashReader struct{ tx *store.Tx }

// ReadHashes implements tlog.HashReader.
func (r hashReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make(map[int64]tlog.Hash, len(indexes))
	for rest := indexes; len(rest) > 0; {
		n := min(len(rest), batchRows)
		width := 1
		for width < n { // few lengths of statement: repeat the last index up to a power of two
			width *= 2
		}
		args := make([]any, width)
		for k := range args {
			args[k] = rest[min(k, n-1)]
		}
		rest = rest[n:]
		if err := r.collect(found, selectHashes+placeholders(1, width), args); err != nil {
			return nil, err
		}
	}
	hashes := make([]tlog.Hash, len(indexes))
	for k, i := range indexes {
		h, ok := found[i]
		if !ok {
			return nil, missingHash(i)
		}
		hashes[k] = h
	}
	return hashes, nil
}

func missingHash(i int64) error {
	level, n := tlog.SplitStoredHashIndex(i)
	return fmt.Errorf("%w: the row of log_hash is missing for %s", ErrDamaged, span(level, n))
}

// span names the entries below hash n of a level of the tree (not of the tiles).
func span(level int, n int64) string {
	if level == 0 {
		return fmt.Sprintf("entry %d", n)
	}
	return fmt.Sprintf("entries %d to %d", n<<uint(level), (n+1)<<uint(level)-1)
}

func (r hashReader) collect(found map[int64]tlog.Hash, query string, args []any) error {
	rows, err := r.tx.Query(query, args...)
	if err != nil {
		return fmt.Errorf("reading the tree's hashes: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var i int64
		var h []byte
		if err := rows.Scan(&i, &h); err != nil {
			return fmt.Errorf("reading the tree's hashes: %w", err)
		}
		if len(h) != tlog.HashSize {
			level, n := tlog.SplitStoredHashIndex(i)
			return fmt.Errorf("%w: the row of log_hash has %d bytes for %s", ErrDamaged, len(h), span(level, n))
		}
		found[i] = tlog.Hash(h)
	}
	return rows.Err()
}

const selectHashRange = `
	select i, h
	  from log_hash
	 where i >= $1
	   and i <= $2`

// leafHashes reads count leaf hashes from entry n on. They lie close together among the stored hashes, so one
// range is quicker than their list.
func (r hashReader) leafHashes(n int64, count int) ([]tlog.Hash, error) {
	found := make(map[int64]tlog.Hash, 2*count)
	from, to := tlog.StoredHashIndex(0, n), tlog.StoredHashIndex(0, n+int64(count)-1)
	if err := r.collect(found, selectHashRange, []any{from, to}); err != nil {
		return nil, err
	}
	hashes := make([]tlog.Hash, count)
	for k := range hashes {
		h, ok := found[tlog.StoredHashIndex(0, n+int64(k))]
		if !ok {
			return nil, missingHash(tlog.StoredHashIndex(0, n+int64(k)))
		}
		hashes[k] = h
	}
	return hashes, nil
}

// tile reads the hashes of a tile.
func (r hashReader) tile(p place) ([]tlog.Hash, error) {
	if p.level == 0 {
		return r.leafHashes(p.n*tileWidth, p.width)
	}
	indexes := make([]int64, p.width)
	for k := range indexes {
		indexes[k] = tlog.StoredHashIndex(p.level*tileHeight, p.n*tileWidth+int64(k))
	}
	return r.ReadHashes(indexes)
}

const insertHashes = `insert into log_hash (i, h) values `

// insertHashRows writes hashes at consecutive stored indexes from i on.
func insertHashRows(tx *store.Tx, i int64, hashes []tlog.Hash) error {
	return inChunks(len(hashes), func(from, to int) error {
		args := make([]any, 0, 2*(to-from))
		for k := from; k < to; k++ {
			args = append(args, i+int64(k), hashes[k][:])
		}
		if _, err := tx.Exec(insertHashes+placeholders(to-from, 2), args...); err != nil {
			return fmt.Errorf("writing the tree's hashes: %w", err)
		}
		return nil
	})
}

// inChunks calls fn for parts of n rows, of batchRows or of a power of two.
func inChunks(n int, fn func(from, to int) error) error {
	for from := 0; from < n; {
		size := batchRows
		for size > n-from {
			size /= 2
		}
		if err := fn(from, from+size); err != nil {
			return err
		}
		from += size
	}
	return nil
}
