// Package ledger is the public record: every public act is an entry, every entry can be cited, every citation
// checked. It is a tiled transparency log (C2SP tlog-tiles) kept as rows of the instance's database.
// docs/formats/record.md specifies what it writes and serves.
//
// An act calls [Ledger.Enter] inside its own transaction. The entry then waits in log_pending until the one
// program that holds the lease gives it an index ([Ledger.Integrate]) and signs a checkpoint that covers it
// ([Ledger.Publish]); [Ledger.Run] does both within about a second. Until then a page says "being entered".
package ledger

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rostrum.example/internal/store"
)

// ID names an entry: 26 random letters and digits that say nothing about when, where or by whom.
type ID string

// Entry is one act as a wing hands it in.
type Entry struct {
	// Org is the tenant whose act this is. It is not part of the public leaf.
	Org store.Org
	// Type says what happened: "dialogue.point.entered".
	Type string
	// Subject says to what: "dialogue/som-2022/point/data-and-evidence", or "opaque/<random part>".
	Subject string
	// At is when the act took place, to the second ("2026-11-23T15:20:00Z") or only the day ("2026-11-23").
	At string
	// Text is the JSON that anyone may read until it is withdrawn. At most MaxText bytes.
	Text []byte
	// Sealed keeps Text and Salt out of the record: only their digest is entered, and the caller keeps both.
	// The subject must then be opaque, and the caller gives the salt.
	Sealed bool
	// Salt is the key of the digest, SaltSize random bytes; nil lets Enter draw it. It must not be used twice.
	Salt []byte
	// Cites names entries that stand in the record or wait to be entered.
	Cites []ID
}

// Entered is an entry as the record holds it.
type Entered struct {
	// Index is the entry's place, or Pending while no published checkpoint covers it.
	Index int64
	Org   store.Org
	Leaf  Leaf
	// Bytes are the leaf as it is hashed.
	Bytes []byte
	// Salt and Text are nil when the text is sealed or withdrawn.
	Salt, Text []byte
	// Notice is set when the text was withdrawn.
	Notice *Notice
}

// Pending is the index of an entry that is still being entered.
const Pending = -1

// Sealed tells that the text was never published.
func (e *Entered) Sealed() bool { return e.Text == nil && e.Notice == nil }

// Notice says that a text was withdrawn, when and why.
type Notice struct {
	// ID is the notice's own entry.
	ID ID `json:"notice"`
	// At is a day or a second, as in Entry.
	At string `json:"at"`
	// Reason is said in words, at most MaxReason bytes, and stays public: it repeats nothing of the text.
	Reason string `json:"reason"`
}

// Head is a published checkpoint.
type Head struct {
	Origin string
	// Size is how many entries it covers, and Root the hash of their tree.
	Size int64
	Root tlog.Hash
	// Note is the signed checkpoint as it is served.
	Note []byte
	// SignedAt is the operator's clock, not covered by the signature; zero where it is unknown.
	SignedAt time.Time
}

// Limits of what is entered.
const (
	MaxLeaf   = 4 << 10
	MaxText   = 1 << 20
	MaxReason = 2000
	SaltSize  = 32
)

// Errors that a caller can act on.
var (
	// ErrNotFound: the record holds no such entry.
	ErrNotFound = errors.New("the record holds no such entry")
	// ErrInvalid: the entry breaks a rule of the record's format; the message says which.
	ErrInvalid = errors.New("not a valid entry")
	// ErrWithdrawn: the text was withdrawn already.
	ErrWithdrawn = errors.New("this text was withdrawn already")
	// ErrRolledBack: the database is older than a checkpoint that has been published.
	ErrRolledBack = errors.New("the database is older than the published record")
	// ErrForked: the database contradicts a checkpoint that has been published.
	ErrForked = errors.New("the database contradicts the published record")
	// ErrForeign: the database or the checkpoint file belongs to another key or origin.
	ErrForeign = errors.New("the record belongs to another key or origin")
	// ErrDamaged: rows or files of the record are not what this program wrote.
	ErrDamaged = errors.New("the record is damaged")
)

// Options say whose record this is and what it works with. All fields but Log are required.
type Options struct {
	DB  *store.DB
	Key *Key
	// Origin names the record: its address without scheme and trailing slash. It is the key's name.
	Origin string
	// Clock is asked for the time of signing and of leases; the record's order never rests on it.
	Clock func() time.Time
	// Random is read for ids and salts.
	Random io.Reader
	Log    *slog.Logger
	// CheckpointFile is where the newest published checkpoint is kept, outside the database and its backups.
	CheckpointFile string
}

// Ledger is the public record of one instance. Its methods may be called from any goroutine.
type Ledger struct {
	o      Options
	holder string // this program's name in the lease
	random sync.Mutex

	// head is what this program serves. Invariant: before a checkpoint is stored here, it is committed in
	// log_head and fsynced in CheckpointFile, and the tree behind it was found to continue the former head's.
	// So nobody has ever seen a checkpoint that is newer than the file, and the file is never newer than the
	// database unless the database was rolled back. Only adopt stores it, under adopting.
	head     atomic.Pointer[Head]
	adopting sync.Mutex

	entered atomic.Int64  // the newest order that this program gave to a waiting entry
	woken   chan struct{} // an entry was committed by this program

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced when head moves
	onPublish []func(Head)
	resolvers []registration
}

// Origin is the record's name.
func (l *Ledger) Origin() string { return l.o.Origin }

// Verifier is the text with which others check the record's signatures.
func (l *Ledger) Verifier() string { return l.o.Key.Verifier }

// Head is the checkpoint that this program serves.
func (l *Ledger) Head(context.Context) Head { return *l.head.Load() }

// OnPublish has fn called after each newly published checkpoint, also one that another program published.
// fn must be quick.
func (l *Ledger) OnPublish(fn func(Head)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.onPublish = append(l.onPublish, fn)
}

// wake tells the sequencer of this program that there is work.
func (l *Ledger) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}
