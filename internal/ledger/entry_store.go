package ledger

import (
	"fmt"

	"rostrum.example/internal/store"
)

// row is an entry of log_pending or log_entry.
type row struct {
	index   int64
	id      ID
	org     store.Org
	typ     string
	subject string
	leaf    []byte
}

const insertPending = `
	insert into log_pending (id, entered, org, type, subject, leaf)
	values ($1, $2, $3, $4, $5, $6)`

const selectPending = `
	select id, org, type, subject, leaf
	  from log_pending
	 order by entered, id
	 limit $1`

const selectPendingByID = `
	select id, org, type, subject, leaf
	  from log_pending
	 where id = $1`

const selectPendingBySubject = `
	select id, org, type, subject, leaf
	  from log_pending
	 where subject = $1
	 order by entered, id`

func pendingRows(tx *store.Tx, query string, args ...any) ([]row, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading the waiting entries: %w", err)
	}
	defer rows.Close()
	var all []row
	for rows.Next() {
		r := row{index: Pending}
		if err := rows.Scan(&r.id, &r.org, &r.typ, &r.subject, &r.leaf); err != nil {
			return nil, fmt.Errorf("reading the waiting entries: %w", err)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

const countPending = `select count(*) from log_pending`

// countWaiting is how many entries wait for their index.
func countWaiting(tx *store.Tx) (n int, err error) {
	if err := tx.QueryRow(countPending).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting the waiting entries: %w", err)
	}
	return n, nil
}

const insertEntries = `insert into log_entry (idx, id, org, type, subject, leaf) values `

func insertEntryRows(tx *store.Tx, all []row) error {
	return inChunks(len(all), func(from, to int) error {
		args := make([]any, 0, 6*(to-from))
		for _, r := range all[from:to] {
			args = append(args, r.index, string(r.id), string(r.org), r.typ, r.subject, r.leaf)
		}
		if _, err := tx.Exec(insertEntries+placeholders(to-from, 6), args...); err != nil {
			return fmt.Errorf("writing entries: %w", err)
		}
		return nil
	})
}

const deletePending = `delete from log_pending where id in `

// deletePendingRows asserts that each entry was still waiting: it is what makes integration exactly once.
func deletePendingRows(tx *store.Tx, all []row) error {
	return inChunks(len(all), func(from, to int) error {
		args := make([]any, 0, to-from)
		for _, r := range all[from:to] {
			args = append(args, string(r.id))
		}
		res, err := tx.Exec(deletePending+placeholders(1, to-from), args...)
		if err != nil {
			return fmt.Errorf("taking entries off the waiting list: %w", err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return fmt.Errorf("taking entries off the waiting list: %w", err)
		}
		if n != int64(to-from) {
			return fmt.Errorf("%w: %d of %d waiting entries were taken by someone else", ErrDamaged, int64(to-from)-n, to-from)
		}
		return nil
	})
}

const columnsEntry = `
	select e.idx, e.id, e.org, e.type, e.subject, e.leaf
	  from log_entry e`

const selectEntriesFrom = columnsEntry + `
	 where e.idx >= $1
	   and e.idx < $2
	 order by e.idx`

const selectEntriesBySubject = columnsEntry + `
	 where e.subject = $1
	 order by e.idx`

const selectEntriesBefore = columnsEntry + `
	 where e.idx < $1
	 order by e.idx desc
	 limit $2`

const selectEntryByID = columnsEntry + `
	 where e.id = $1`

func entryRows(tx *store.Tx, query string, args ...any) ([]row, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("reading entries: %w", err)
	}
	defer rows.Close()
	var all []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.index, &r.id, &r.org, &r.typ, &r.subject, &r.leaf); err != nil {
			return nil, fmt.Errorf("reading entries: %w", err)
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// entriesFrom reads the rows of [from, to) and names the first one that is missing.
func entriesFrom(tx *store.Tx, from, to int64) ([]row, error) {
	all, err := entryRows(tx, selectEntriesFrom, from, to)
	if err != nil {
		return nil, err
	}
	for k, r := range all {
		if r.index != from+int64(k) {
			return nil, missingEntry(from + int64(k))
		}
	}
	if int64(len(all)) != to-from {
		return nil, missingEntry(from + int64(len(all)))
	}
	return all, nil
}

func missingEntry(index int64) error {
	return fmt.Errorf("%w: the row of log_entry is missing for entry %d", ErrDamaged, index)
}
