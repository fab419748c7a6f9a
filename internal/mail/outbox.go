package mail

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"rostrum.example/internal/job"
	"rostrum.example/internal/store"
)

// ErrNotFound: the outbox holds no such message (any more).
var ErrNotFound = errors.New("the outbox holds no such message")

// Options say how an outbox works.
type Options struct {
	DB   *store.DB
	Jobs *job.Queue
	// Server takes the messages; nil leaves them in the outbox, to be shown.
	Server *Server
	Now    func() time.Time
	Random io.Reader
	// Log receives failures, without addresses or words of messages; nil discards them.
	Log *slog.Logger
}

// Outbox keeps the messages of all tenants. Its methods may be called from any goroutine.
type Outbox struct{ o Options }

// New returns the outbox on a migrated database.
func New(o Options) *Outbox {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Outbox{o}
}

const insertMail = `
insert into mail (org, id, address, name, subject, text, lang, secret, until, state, created, erases)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`

// Queue writes a message into tx, to be sent once tx has committed. Without a mail server it is written to be
// shown in the outbox. Errors say what keeps the message from being sent and do not repeat it.
func (b *Outbox) Queue(tx *store.Tx, org store.Org, m Message) (id string, err error) {
	now := b.o.Now()
	if err := m.check(now); err != nil {
		return "", fmt.Errorf("queueing a message: %w", err)
	}
	if id, err = store.NewID(b.o.Random); err != nil {
		return "", fmt.Errorf("queueing a message: %w", err)
	}
	state, until, secret := Queued, int64(0), 0
	if b.o.Server == nil {
		state = Shown
	}
	if !m.Until.IsZero() {
		until = store.Micros(m.Until)
	}
	if m.Secret {
		secret = 1
	}
	_, err = tx.Exec(insertMail, string(org), id, m.To.Reveal(), m.Name, m.Subject, m.Text, m.Lang, secret, until,
		string(state), store.Micros(now), store.Micros(m.Erases))
	if err != nil {
		return "", fmt.Errorf("queueing a message: %w", err)
	}
	if err := keepAttachments(tx, org, id, m.Attachments); err != nil {
		return "", fmt.Errorf("queueing a message: %w", err)
	}
	if state == Queued {
		if err := b.addJob(tx, org, id, now); err != nil {
			return "", err
		}
	}
	return id, nil
}

func (b *Outbox) addJob(tx *store.Tx, org store.Org, id string, now time.Time) error {
	if _, err := b.o.Jobs.Add(tx, org, sendKind, sendPayload{id}, now); err != nil {
		return fmt.Errorf("queueing a message: %w", err)
	}
	return nil
}

const resendMail = `
update mail
set state = 'queued', until = 0, reason = '', detail = ''
where org = $1 and id = $2 and state in ('failed', 'shown') and text <> ''`

// Resend queues a message that failed or was only shown. ErrNotFound: no such message stands in the outbox, or
// its text was secret and is gone.
func (b *Outbox) Resend(tx *store.Tx, org store.Org, id string) error {
	if b.o.Server == nil {
		return errors.New("sending a message again: no mail server is set up")
	}
	res, err := tx.Exec(resendMail, string(org), id)
	if err != nil {
		return fmt.Errorf("sending a message again: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("sending a message again: %w", err)
	} else if n == 0 {
		return fmt.Errorf("sending a message again: %w", ErrNotFound)
	}
	return b.addJob(tx, org, id, b.o.Now())
}

const columns = `id, address, name, subject, text, lang, secret, until, state, created, attempts, reason, detail, erases`

const selectMail = `
select ` + columns + `
from   mail
where  org = $1 and id = $2`

// Message gives one message. ErrNotFound: there is none with this id, or it has been erased.
func (b *Outbox) Message(ctx context.Context, org store.Org, id string) (Entry, error) {
	var e Entry
	err := b.o.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if e, err = scan(tx.QueryRow(selectMail, string(org), id)); err != nil {
			return err
		}
		e.Attachments, err = attachments(tx, org, id)
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	if err != nil {
		return Entry{}, fmt.Errorf("reading a message: %w", err)
	}
	return e, nil
}

func scan(row interface{ Scan(...any) error }) (e Entry, err error) {
	var address string
	var secret int
	var until, created, erases int64
	err = row.Scan(&e.ID, &address, &e.Name, &e.Subject, &e.Text, &e.Lang, &secret, &until, &e.State, &created,
		&e.Attempts, &e.Reason, &e.Detail, &erases)
	if err != nil {
		return Entry{}, err
	}
	if e.To, err = ParseAddress(address); err != nil {
		return Entry{}, err
	}
	e.Secret, e.Until, e.Created, e.Erases = secret != 0, store.Time(until), store.Time(created), store.Time(erases)
	return e, nil
}

// Filter chooses messages of one tenant. The zero value chooses the newest.
type Filter struct {
	// State chooses the messages in one state; empty for all.
	State State
	// To chooses the messages to one address; the zero value for all.
	To Address
	// After continues a list: the Next of the page before.
	After string
	// Limit bounds the page; 0 means 50.
	Limit int
}

// Page is a part of the outbox, newest first.
type Page struct {
	Entries []Entry
	// Next is the After of the following page; empty on the last one.
	Next string
}

const selectPage = `
select ` + columns + `
from   mail
where  org = $1
and    ($2 = '' or state = $2)
and    ($3 = '' or address = $3)
and    (created < $4 or (created = $4 and id < $5))
order  by created desc, id desc
limit  $6`

// List gives one page of a tenant's outbox.
func (b *Outbox) List(ctx context.Context, org store.Org, f Filter) (Page, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	created, id := int64(1<<63-1), ""
	if f.After != "" {
		micros, rest, ok := strings.Cut(f.After, "-")
		var err error
		if created, err = strconv.ParseInt(micros, 10, 64); !ok || err != nil {
			return Page{}, errors.New("listing the outbox: the place to continue from is not one that a page gave")
		}
		id = rest
	}
	var page Page
	err := b.o.DB.Read(ctx, func(tx *store.Tx) error {
		page = Page{}
		rows, err := tx.Query(selectPage, string(org), string(f.State), f.To.Reveal(), created, id, f.Limit+1)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			e, err := scan(rows)
			if err != nil {
				return err
			}
			page.Entries = append(page.Entries, e)
		}
		return rows.Err()
	})
	if err != nil {
		return Page{}, fmt.Errorf("listing the outbox: %w", err)
	}
	if len(page.Entries) > f.Limit {
		page.Entries = page.Entries[:f.Limit]
		last := page.Entries[f.Limit-1]
		page.Next = fmt.Sprintf("%d-%s", store.Micros(last.Created), last.ID)
	}
	return page, nil
}

// Status sums up the outbox of all tenants, for metrics and for a check of the instance.
type Status struct {
	// Server is the mail server's host and port; empty when none is set up.
	Server string
	// Count is the number of messages in each state.
	Count map[State]int
	// Oldest is when the first of the queued ones was written; zero if none waits.
	Oldest time.Time
}

const countMail = `
select   state, count(*), min(created)
from     mail
group by state`

// Status sums up the outbox. Server.Check tells whether the mail server can be reached.
func (b *Outbox) Status(ctx context.Context) (Status, error) {
	s := Status{Count: map[State]int{}}
	if b.o.Server != nil {
		s.Server = b.o.Server.String()
	}
	err := b.o.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(countMail)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var state State
			var n int
			var oldest int64
			if err := rows.Scan(&state, &n, &oldest); err != nil {
				return err
			}
			if s.Count[state] = n; state == Queued {
				s.Oldest = store.Time(oldest)
			}
		}
		return rows.Err()
	})
	if err != nil {
		return Status{}, fmt.Errorf("counting the outbox: %w", err)
	}
	return s, nil
}

const eraseMail = `
delete from mail
where erases <= $1`

// Erase removes every message whose erasure date has come, whatever its state, and tells how many.
func (b *Outbox) Erase(ctx context.Context, now time.Time) (int64, error) {
	var n int64
	err := b.o.DB.Write(ctx, func(tx *store.Tx) (err error) {
		n, err = affected(tx.Exec(eraseMail, store.Micros(now)))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("erasing messages: %w", err)
	}
	return n, nil
}

const forgetAddress = `
delete from mail
where org = $1 and address = $2`

// Forget removes every message to one address, sent or not, and tells how many: for a person who withdraws.
func (b *Outbox) Forget(tx *store.Tx, org store.Org, to Address) (int64, error) {
	n, err := affected(tx.Exec(forgetAddress, string(org), to.Reveal()))
	if err != nil {
		return 0, fmt.Errorf("forgetting an address: %w", err)
	}
	return n, nil
}

func affected(res sql.Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
