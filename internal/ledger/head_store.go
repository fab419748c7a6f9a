package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
)

// headRow is log_head: how far the rows go, and the newest checkpoint. published ≤ size always; the entries
// between them are in the log and wait for a signature.
type headRow struct {
	size      int64
	root      tlog.Hash
	published int64
	note      []byte
	signedAt  time.Time
	verifier  string
}

const selectHead = `
	select size, root, published, note, signed_at, verifier
	  from log_head
	 where one = 1`

// readHead answers sql.ErrNoRows where the record was never begun.
func readHead(tx *store.Tx) (headRow, error) { return scanHead(tx, "") }

// byLock has PostgreSQL go by locks in this transaction. As serializable transactions, sequencers would be turned
// down for as long as acts are entered beside them: the waiting list is read as a whole, and citing acts read what
// is moved. They need no such check, for all they read and write is guarded by the head's lock, or is never changed
// by others. It must be the first statement of the transaction.
const byLock = "set transaction isolation level read committed"

// lockHead reads the head and keeps every other program from moving it until the transaction ends. It comes first
// in its transaction.
func lockHead(tx *store.Tx, engine store.Engine) (headRow, error) {
	if engine == store.Postgres {
		if _, err := tx.Exec(byLock); err != nil {
			return headRow{}, fmt.Errorf("locking the head: %w", err)
		}
	}
	return scanHead(tx, tx.ForUpdate())
}

func scanHead(tx *store.Tx, lock string) (headRow, error) {
	var h headRow
	var treeRoot []byte
	var note string
	var signed int64
	err := tx.QueryRow(selectHead+lock).Scan(&h.size, &treeRoot, &h.published, &note, &signed, &h.verifier)
	if errors.Is(err, sql.ErrNoRows) {
		return headRow{}, err
	}
	if err != nil {
		return headRow{}, fmt.Errorf("reading the head: %w", err)
	}
	if len(treeRoot) != tlog.HashSize {
		return headRow{}, fmt.Errorf("%w: the root in log_head has %d bytes", ErrDamaged, len(treeRoot))
	}
	h.root, h.note, h.signedAt = tlog.Hash(treeRoot), []byte(note), store.Time(signed)
	return h, nil
}

const insertHead = `
	insert into log_head (one, size, root, published, note, signed_at, verifier)
	values (1, $1, $2, $3, $4, $5, $6)
	on conflict (one) do nothing`

func (h headRow) insert(tx *store.Tx) error {
	_, err := tx.Exec(insertHead, h.size, h.root[:], h.published, string(h.note), store.Micros(h.signedAt), h.verifier)
	if err != nil {
		return fmt.Errorf("beginning the record: %w", err)
	}
	return nil
}

const updateGrown = `
	update log_head
	   set size = $1,
	       root = $2
	 where one = 1
	   and size = $3`

// grow moves the head from its size to a larger one.
func (h headRow) grow(tx *store.Tx, size int64, treeRoot tlog.Hash) error {
	return one(tx.Exec(updateGrown, size, treeRoot[:], h.size))
}

const updateSigned = `
	update log_head
	   set published = $1,
	       note = $2,
	       signed_at = $3
	 where one = 1
	   and published = $4`

// sign publishes a checkpoint of the head's size.
func (h headRow) sign(tx *store.Tx, note []byte, at time.Time) error {
	return one(tx.Exec(updateSigned, h.size, string(note), store.Micros(at), h.published))
}

// one asserts that exactly one row was changed.
func one(res sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("moving the head: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("moving the head: %w", err)
	}
	if n != 1 {
		return fmt.Errorf("%w: log_head has moved although it was locked", ErrDamaged)
	}
	return nil
}
