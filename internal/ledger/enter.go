package ledger

import (
	"fmt"
	"io"
	"strings"

	"rostrum.example/internal/store"
)

// Enter makes an act an entry of the public record, in the act's own transaction: both are kept or neither is.
// The answer names the entry from now on; its index follows within about a second. Enter answers ErrInvalid for
// what the format does not allow, and ErrNotFound when a cited entry does not exist.
func (l *Ledger) Enter(tx *store.Tx, e Entry) (ID, error) {
	if strings.HasSuffix(e.Type, noticeWord) {
		return "", fmt.Errorf("%w: the type %q ends in %s, which only a withdrawal may", ErrInvalid, e.Type, noticeWord)
	}
	if notice := e.Type + noticeWord; len(notice) > maxType || typeGrammar.MatchString(e.Type) && !typeGrammar.MatchString(notice) {
		return "", fmt.Errorf("%w: the type %q is too long: its notice could not be entered if the text were withdrawn", ErrInvalid, e.Type)
	}
	return l.enter(tx, e)
}

func (l *Ledger) enter(tx *store.Tx, e Entry) (ID, error) {
	salt, err := l.checkEntry(e)
	if err != nil {
		return "", err
	}
	drawn, err := l.draw(func(r io.Reader) (string, error) { return store.NewID(r) })
	if err != nil {
		return "", fmt.Errorf("entering %s: %w", e.Type, err)
	}
	leaf := Leaf{ID: ID(drawn), Type: e.Type, Subject: e.Subject, At: e.At, Digest: DigestOf(salt, e.Text), Cites: e.Cites}
	bytes, err := AppendLeaf(nil, leaf)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	for _, cited := range e.Cites {
		if _, err := find(tx, cited); err != nil {
			return "", fmt.Errorf("citing %s: %w", cited, err)
		}
	}
	_, err = tx.Exec(insertPending, string(leaf.ID), l.order(), string(e.Org), e.Type, e.Subject, bytes)
	if err != nil {
		return "", fmt.Errorf("entering %s: %w", e.Type, err)
	}
	var text []byte
	if e.Sealed {
		salt = nil
	} else {
		text = e.Text
	}
	if _, err := tx.Exec(insertText, string(e.Org), string(leaf.ID), salt, text); err != nil {
		return "", fmt.Errorf("entering %s: %w", e.Type, err)
	}
	tx.OnCommit(l.wake)
	return leaf.ID, nil
}

// checkEntry checks what the leaf does not show, and gives the salt.
func (l *Ledger) checkEntry(e Entry) ([]byte, error) {
	if e.Org == "" {
		return nil, fmt.Errorf("%w: it has no tenant", ErrInvalid)
	}
	if err := checkText(e.Text); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if e.Sealed {
		switch {
		case !strings.HasPrefix(e.Subject, opaque):
			return nil, fmt.Errorf("%w: it is sealed, but its subject %q is not opaque", ErrInvalid, e.Subject)
		case len(e.Salt) == 0:
			return nil, fmt.Errorf("%w: it is sealed and has no salt; its caller must draw the salt and keep it", ErrInvalid)
		}
	}
	switch len(e.Salt) {
	case SaltSize:
		return e.Salt, nil
	case 0:
		salt := make([]byte, SaltSize)
		_, err := l.draw(func(r io.Reader) (string, error) { _, err := io.ReadFull(r, salt); return "", err })
		if err != nil {
			return nil, fmt.Errorf("drawing a salt: %w", err)
		}
		return salt, nil
	}
	return nil, fmt.Errorf("%w: its salt has %d bytes, %d are needed", ErrInvalid, len(e.Salt), SaltSize)
}

// draw gives one caller at a time the source of randomness.
func (l *Ledger) draw(fn func(io.Reader) (string, error)) (string, error) {
	l.random.Lock()
	defer l.random.Unlock()
	return fn(l.o.Random)
}

// order gives waiting entries their order. It follows the clock, but never goes back within one program, so that
// the entries of one act stay in the order in which they were entered.
func (l *Ledger) order() int64 {
	now := store.Micros(l.o.Clock())
	for {
		last := l.entered.Load()
		next := max(now, last+1)
		if l.entered.CompareAndSwap(last, next) {
			return next
		}
	}
}

// find gives the row of an entry, with an index or waiting for one.
func find(tx *store.Tx, id ID) (row, error) {
	// An entry moves from the waiting list to the log. Looking in that order cannot miss it.
	for _, query := range []string{selectPendingByID, selectEntryByID} {
		read := pendingRows
		if query == selectEntryByID {
			read = entryRows
		}
		rows, err := read(tx, query, string(id))
		if err != nil {
			return row{}, err
		}
		if len(rows) == 1 {
			return rows[0], nil
		}
	}
	return row{}, fmt.Errorf("entry %q: %w", id, ErrNotFound)
}

// Withdraw erases the text and salt of an entry, at once and in the caller's transaction, and enters a notice that
// says when and why; n.ID is ignored. The leaf stays. It answers the notice's ID, ErrNotFound, ErrWithdrawn, or
// ErrInvalid for a notice (a notice itself cannot be withdrawn).
//
// For a sealed entry the caller erases the text and salt that it keeps.
func (l *Ledger) Withdraw(tx *store.Tx, id ID, n Notice) (ID, error) {
	entry, err := find(tx, id)
	if err != nil {
		return "", fmt.Errorf("withdrawing: %w", err)
	}
	if strings.HasSuffix(entry.typ, noticeWord) {
		return "", fmt.Errorf("%w: %s is a notice, and a notice cannot be withdrawn", ErrInvalid, id)
	}
	earlier, salt, body, err := standing(tx, entry.org, id)
	if err != nil {
		return "", fmt.Errorf("withdrawing: %w", err)
	}
	if earlier != "" {
		return "", fmt.Errorf("withdrawing %s: %w", id, ErrWithdrawn)
	}
	text, err := noticeText{Withdraws: id, At: n.At, Reason: n.Reason}.marshal()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	notice, err := l.enter(tx, Entry{
		Org: entry.org, Type: entry.typ + noticeWord, Subject: entry.subject, At: n.At, Text: text, Cites: []ID{id},
	})
	if err != nil {
		return "", fmt.Errorf("withdrawing %s: %w", id, err)
	}
	if err := erase(tx, entry.org, id, notice, salt, body); err != nil {
		return "", fmt.Errorf("withdrawing: %w", err)
	}
	return notice, nil
}
