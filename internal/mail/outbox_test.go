package mail

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"rostrum.example/internal/job"
	"rostrum.example/internal/store"
	"rostrum.example/internal/store/storetest"
)

const tenant store.Org = "secretariat"

// rig is a program with an outbox on a database, and what it logs.
type rig struct {
	*testing.T
	db     *store.DB
	now    time.Time
	jobs   *job.Queue
	outbox *Outbox
	runner *job.Runner
	log    *bytes.Buffer
}

func newRig(t *testing.T, db *store.DB, server *Server) *rig {
	t.Helper()
	r := &rig{T: t, db: db, now: start, jobs: job.NewQueue(rand.Reader), log: &bytes.Buffer{}}
	r.serve(server)
	return r
}

// serve starts the program again with another mail server.
func (r *rig) serve(server *Server) {
	clock := func() time.Time { return r.now }
	log := slog.New(slog.NewJSONHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r.outbox = New(Options{DB: r.db, Jobs: r.jobs, Server: server, Now: clock, Random: rand.Reader, Log: log})
	r.runner = job.NewRunner(r.db, r.jobs, job.Options{Now: clock, Log: log, Workers: 1})
	r.outbox.Handle(r.runner)
}

func (r *rig) queue(change func(*Message)) (id string) {
	r.Helper()
	m := Message{To: address(r, "contact@sample-organisation.example"), Name: "Sample Organisation", Subject: "Decision", Text: arabic, Lang: "ar", Erases: start.AddDate(0, 3, 0)}
	if change != nil {
		change(&m)
	}
	err := r.db.Write(r.Context(), func(tx *store.Tx) (err error) {
		id, err = r.outbox.Queue(tx, tenant, m)
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	return id
}

func (r *rig) run() {
	r.Helper()
	if _, err := r.runner.RunDue(r.Context()); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) entry(id string) Entry {
	r.Helper()
	e, err := r.outbox.Message(r.Context(), tenant, id)
	if err != nil {
		r.Fatal(err)
	}
	return e
}

// openJobs are the jobs that send messages.
func (r *rig) openJobs() (all []job.Entry) {
	r.Helper()
	err := r.db.Read(r.Context(), func(tx *store.Tx) error {
		org := tenant
		var err error
		all, err = job.List(tx, r.now, job.Filter{Org: &org})
		return err
	})
	if err != nil {
		r.Fatal(err)
	}
	return all
}

func state(e Entry) string {
	return fmt.Sprintf("%s %d %s %s", e.State, e.Attempts, e.Reason, e.Detail)
}

func TestSend(t *testing.T) {
	for _, security := range []Security{StartTLS, Implicit, Plain} {
		t.Run(string(security), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) {
				relay := newRelay(t, func(r *relay) {
					r.implicit = security == Implicit
					if security == Plain {
						r.capabilities = nil
					}
				})
				server := relay.server(security)
				if security != Plain {
					server.User, server.Password = "rostrum", "right"
				}
				r := newRig(t, db, server)
				if err := server.Check(t.Context()); err != nil {
					t.Fatal(err)
				}
				id := r.queue(nil)
				if e := r.entry(id); e.State != Queued {
					t.Errorf("before: %s", state(e))
				}
				r.run()
				r.run()
				if e := r.entry(id); state(e) != "sent 1  " || e.Text != arabic || !e.Created.Equal(start) {
					t.Errorf("after: %s", state(e))
				}
				got := relay.deliveries()
				if len(got) != 1 {
					t.Fatalf("%d deliveries", len(got))
				}
				d := got[0]
				if d.hello != "rostrum.example" || d.user != server.User || d.secure != (security != Plain) ||
					!strings.HasPrefix(d.from, "FROM:<dialogue@rostrum.example>") || d.to != "TO:<contact@sample-organisation.example>" || strings.Contains(d.from, "SMTPUTF8") {
					t.Errorf("delivery %+v", d)
				}
				if _, text := read(t, []byte(d.data)); text != canonical(arabic) {
					t.Errorf("text %q", text)
				}
				if open := r.openJobs(); len(open) != 0 {
					t.Errorf("jobs left: %+v", open)
				}
			})
		})
	}
}

func TestQueueIsPartOfTheTransaction(t *testing.T) {
	relay := newRelay(t, nil)
	r := newRig(t, storetest.SQLite(t), relay.server(StartTLS))
	undone := errors.New("undone")
	err := r.db.Write(t.Context(), func(tx *store.Tx) error {
		m := Message{To: address(t, "a@example.org"), Subject: "S", Text: "T", Lang: "en", Erases: start.Add(time.Hour)}
		if _, err := r.outbox.Queue(tx, tenant, m); err != nil {
			return err
		}
		m.Subject = "S\r\nBcc: b@example.org"
		if _, err := r.outbox.Queue(tx, tenant, m); err == nil || strings.Contains(err.Error(), "Bcc") {
			t.Errorf("a subject with a line end: %v", err)
		}
		return undone
	})
	if !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if r.run(); len(relay.deliveries()) != 0 {
		t.Error("a message of an undone transaction was sent")
	}
}

// TestRefusals sets the mail server against messages in every way and looks at what is kept, tried again and
// logged. The server repeats the address in its answers, as many do.
func TestRefusals(t *testing.T) {
	const echo = " <contact@sample-organisation.example> contact"
	tests := []struct {
		name    string
		relay   func(*relay)
		server  func(*Server)
		command string
		answer  string
		want    string // after the first attempt
		final   string // after the server has come to its senses
	}{
		{name: "full mailbox", command: "RCPT", answer: "452 4.2.2" + echo, want: "queued 1 recipient 452 4.2.2", final: "sent 2  "},
		{name: "unknown mailbox", command: "RCPT", answer: "550 5.1.1" + echo, want: "failed 1 recipient 550 5.1.1", final: "failed 1 recipient 550 5.1.1"},
		{name: "code alone", command: "RCPT", answer: "550" + echo, want: "failed 1 recipient 550", final: "failed 1 recipient 550"},
		{name: "sender refused", command: "MAIL", answer: "550 5.7.1 no relay for you" + echo, want: "queued 1 sender 550 5.7.1", final: "sent 2  "},
		{name: "greylisted", command: "MAIL", answer: "450 4.7.1 later" + echo, want: "queued 1 sender 450 4.7.1", final: "sent 2  "},
		{name: "data refused", command: "DATA", answer: "554 5.5.1 no" + echo, want: "failed 1 content 554 5.5.1", final: "failed 1 content 554 5.5.1"},
		{name: "content refused", command: "END", answer: "554 5.6.0" + echo, want: "failed 1 content 554 5.6.0", final: "failed 1 content 554 5.6.0"},
		{name: "content not now", command: "END", answer: "451 4.3.0" + echo, want: "queued 1 content 451 4.3.0", final: "sent 2  "},
		{name: "cut at the recipient", command: "RCPT", answer: "drop", want: "queued 1 interrupted ", final: "sent 2  "},
		{name: "cut at the end", command: "END", answer: "drop", want: "queued 1 interrupted ", final: "sent 2  "},
		{name: "reset fails after the message was taken", command: "RSET", answer: "421 4.3.2 closing", want: "sent 1  ", final: "sent 1  "},
		{name: "cut after the message was taken", command: "RSET", answer: "drop", want: "sent 1  ", final: "sent 1  "},
		{name: "no good-bye", command: "QUIT", answer: "drop", want: "sent 1  ", final: "sent 1  "},
		{name: "busy", command: "CONNECT", answer: "421 4.3.2 too many", want: "queued 1 unreachable 421 4.3.2", final: "sent 2  "},
		{name: "cut at the greeting", command: "CONNECT", answer: "drop", want: "queued 1 unreachable EOF", final: "sent 2  "},
		{name: "password refused", command: "AUTH", answer: "535 5.7.8" + echo, server: func(s *Server) { s.User, s.Password = "rostrum", "right" },
			want: "queued 1 sign-in 535 5.7.8", final: "sent 2  "},
		{name: "no protection offered", relay: func(r *relay) { r.capabilities = nil },
			want:  `queued 1 unreachable STARTTLS mode set to: "TLSMandatory", but target host does not support STARTTLS`,
			final: `queued 2 unreachable STARTTLS mode set to: "TLSMandatory", but target host does not support STARTTLS`},
		{name: "certificate of a stranger", server: func(s *Server) { s.TLS = nil },
			want:  "queued 1 unreachable tls: failed to verify certificate: x509: certificate signed by unknown authority",
			final: "queued 2 unreachable tls: failed to verify certificate: x509: certificate signed by unknown authority"},
		{name: "protection refused", command: "STARTTLS", answer: "454 4.7.0 not now", want: "queued 1 unreachable 454 4.7.0", final: "sent 2  "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var mu sync.Mutex
			broken := true
			relay := newRelay(t, func(r *relay) {
				r.answer = func(command string) string {
					mu.Lock()
					defer mu.Unlock()
					if broken && test.command == command {
						return test.answer
					}
					return ""
				}
				if test.relay != nil {
					test.relay(r)
				}
			})
			server := relay.server(StartTLS)
			if test.server != nil {
				test.server(server)
			}
			r := newRig(t, storetest.SQLite(t), server)
			id := r.queue(func(m *Message) { m.Secret = true })
			r.run()
			e := r.entry(id)
			if got := state(e); got != test.want {
				t.Errorf("first %q, want %q", got, test.want)
			}
			if (e.Text == "") != (e.State != Queued) {
				t.Errorf("a secret text in state %s: %q", e.State, e.Text)
			}
			for _, j := range r.openJobs() {
				if strings.Contains(j.Failure, "contact") {
					t.Errorf("the job says %q", j.Failure)
				}
			}
			mu.Lock()
			broken = false
			mu.Unlock()
			r.now = r.now.Add(2 * time.Minute)
			r.run()
			if got := state(r.entry(id)); got != test.final {
				t.Errorf("then %q, want %q", got, test.final)
			}
			for _, hidden := range []string{"contact", "sample-organisation", "Sample Organisation", "Decision", "المنظمة", `\u0645`} {
				if strings.Contains(r.log.String(), hidden) {
					t.Errorf("the log shows %q:\n%s", hidden, r.log)
				}
			}
			if test.want[:6] == "failed" && !strings.Contains(r.log.String(), id) {
				t.Errorf("the log does not name the message:\n%s", r.log)
			}
		})
	}
}

func TestGivenUpInTheEnd(t *testing.T) {
	server := newRelay(t, nil).server(StartTLS)
	server.Port = 1 // nobody listens
	r := newRig(t, storetest.SQLite(t), server)
	if err := server.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("check: %v", err)
	}
	id := r.queue(nil)
	begun, last := r.now, r.now
	for range 100 {
		r.run()
		if r.entry(id).State != Queued {
			break
		}
		last = r.now
		r.now = r.now.Add(10 * time.Minute)
	}
	for range 500 {
		if r.entry(id).State != Queued {
			break
		}
		last = r.now
		r.now = r.now.Add(time.Hour)
		r.run()
	}
	e := r.entry(id)
	if e.State != Failed || e.Attempts != sendPolicy.Attempts || e.Reason != Unreachable || !strings.Contains(e.Detail, "refused") {
		t.Errorf("in the end: %s", state(e))
	}
	if d := last.Sub(begun); d < 48*time.Hour || d > 72*time.Hour {
		t.Errorf("given up after %s", d)
	}
	if open := r.openJobs(); len(open) != 0 {
		t.Errorf("jobs left: %+v", open)
	}
	s, err := r.outbox.Status(t.Context())
	if err != nil || s.Count[Failed] != 1 || s.Server != "127.0.0.1:1" {
		t.Errorf("status %+v, %v", s, err)
	}
}

func TestWithoutAServer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, nil)
		id := r.queue(func(m *Message) { m.Secret = true })
		r.run()
		if e := r.entry(id); state(e) != "shown 0  " || e.Text != arabic || e.Subject != "Decision" || e.To.Reveal() != "contact@sample-organisation.example" || e.Lang != "ar" {
			t.Errorf("got %s", state(e))
		}
		again := func() error {
			return db.Write(t.Context(), func(tx *store.Tx) error { return r.outbox.Resend(tx, tenant, id) })
		}
		if err := again(); err == nil {
			t.Error("sent again without a server")
		}

		relay := newRelay(t, nil)
		r.serve(relay.server(StartTLS))
		if r.run(); len(relay.deliveries()) != 0 {
			t.Error("an old message was sent by itself once a server was set up")
		}
		if err := again(); err != nil {
			t.Fatal(err)
		}
		if err := again(); !errors.Is(err, ErrNotFound) {
			t.Errorf("sent again while it is queued: %v", err)
		}
		r.run()
		if e := r.entry(id); state(e) != "sent 1  " || e.Text != "" || len(relay.deliveries()) != 1 {
			t.Errorf("after sending again: %s", state(e))
		}

		second := r.queue(nil)
		r.serve(nil) // the server is taken away while a message waits
		r.run()
		if e := r.entry(second); e.State != Shown {
			t.Errorf("without the server: %s", state(e))
		}
	})
}

func TestNotSent(t *testing.T) {
	relay := newRelay(t, nil)
	r := newRig(t, storetest.SQLite(t), relay.server(StartTLS))
	late := r.queue(func(m *Message) { m.Until, m.Secret = start.Add(time.Hour), true })
	erased := r.queue(func(m *Message) { m.Erases = start.Add(time.Minute) })
	r.now = start.Add(time.Hour)
	if n, err := r.outbox.Erase(t.Context(), r.now); n != 1 || err != nil {
		t.Errorf("erased %d, %v", n, err)
	}
	r.run()
	if e := r.entry(late); state(e) != "failed 0 late " || e.Text != "" {
		t.Errorf("late: %s", state(e))
	}
	if _, err := r.outbox.Message(t.Context(), tenant, erased); !errors.Is(err, ErrNotFound) {
		t.Errorf("erased: %v", err)
	}
	if n := len(relay.deliveries()); n != 0 || len(r.openJobs()) != 0 {
		t.Errorf("%d sent, jobs left %+v", n, r.openJobs())
	}
}

func TestErasure(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, nil)
		gone := r.queue(func(m *Message) { m.Erases = start.Add(24 * time.Hour) })
		kept := r.queue(func(m *Message) { m.Erases = start.Add(24*time.Hour + time.Microsecond) })
		mine := r.queue(func(m *Message) { m.To = address(t, "other@example.org") })
		r.run()
		r.now = start.Add(24 * time.Hour)
		r.run() // the day's job
		if _, err := r.outbox.Message(t.Context(), tenant, gone); !errors.Is(err, ErrNotFound) {
			t.Errorf("on its date: %v", err)
		}
		r.entry(kept)
		for _, test := range []struct {
			org  store.Org
			to   string
			want int64
		}{{"institute", "other@example.org", 0}, {tenant, "other@example.org", 1}, {tenant, "other@example.org", 0}} {
			err := db.Write(t.Context(), func(tx *store.Tx) error {
				n, err := r.outbox.Forget(tx, test.org, address(t, test.to))
				if n != test.want {
					t.Errorf("forgot %d messages of %s, want %d", n, test.org, test.want)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := r.outbox.Message(t.Context(), tenant, mine); !errors.Is(err, ErrNotFound) {
			t.Errorf("forgotten: %v", err)
		}
	})
}

func TestList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := newRig(t, db, nil)
		const total = 23
		at := map[string]time.Time{}
		for i := range total {
			r.now = start.Add(time.Duration(i/4) * time.Second) // four at the same instant
			id := r.queue(func(m *Message) {
				if i%5 == 0 {
					m.To = address(t, "other@example.org")
				}
			})
			at[id] = r.now
		}
		for _, limit := range []int{1, 4, 5, 23, 100} {
			var ids []string
			f := Filter{Limit: limit}
			for {
				page, err := r.outbox.List(t.Context(), tenant, f)
				if err != nil {
					t.Fatal(err)
				}
				if len(page.Entries) > limit || len(page.Entries) == 0 {
					t.Fatalf("a page of %d with limit %d", len(page.Entries), limit)
				}
				for _, e := range page.Entries {
					if n := len(ids); n > 0 && at[ids[n-1]].Before(e.Created) {
						t.Error("not newest first")
					}
					ids = append(ids, e.ID)
					if !e.Created.Equal(at[e.ID]) {
						t.Errorf("created %v, want %v", e.Created, at[e.ID])
					}
				}
				if f.After = page.Next; f.After == "" {
					break
				}
			}
			seen := map[string]bool{}
			for _, id := range ids {
				seen[id] = true
			}
			if len(ids) != total || len(seen) != total {
				t.Errorf("limit %d: %d messages, %d of them different, want %d", limit, len(ids), len(seen), total)
			}
		}
		for _, test := range []struct {
			org  store.Org
			f    Filter
			want int
		}{
			{tenant, Filter{State: Shown}, total}, {tenant, Filter{State: Sent}, 0}, {tenant, Filter{To: address(t, "other@example.org")}, 5}, {"institute", Filter{}, 0},
		} {
			page, err := r.outbox.List(t.Context(), test.org, test.f)
			if err != nil || len(page.Entries) != test.want || page.Next != "" {
				t.Errorf("%s %s: %d messages, %v; want %d", test.org, test.f.State, len(page.Entries), err, test.want)
			}
		}
		for _, after := range []string{"x", "1", "-", "99999999999999999999-a", "' or 1=1"} {
			if _, err := r.outbox.List(t.Context(), tenant, Filter{After: after}); err == nil {
				t.Errorf("continued from %q", after)
			}
		}
		if _, err := r.outbox.Message(t.Context(), "institute", "x"); !errors.Is(err, ErrNotFound) {
			t.Errorf("another tenant's message: %v", err)
		}
	})
}

// TestStopWhileTheServerHangs holds that a program stops at once and loses nothing.
func TestStopWhileTheServerHangs(t *testing.T) {
	for _, command := range []string{"CONNECT", "EHLO", "STARTTLS", "RCPT", "END"} {
		t.Run(command, func(t *testing.T) {
			hang := make(chan string, 1)
			hang <- command
			relay := newRelay(t, func(r *relay) {
				r.answer = func(c string) string {
					if c == command && c != "END" {
						select {
						case <-hang:
							return "hang"
						default:
						}
					}
					if c == "END" && command == "END" && len(hang) > 0 {
						return "hang"
					}
					return ""
				}
			})
			r := newRig(t, storetest.SQLite(t), relay.server(StartTLS))
			id := r.queue(nil)
			ctx, stop := context.WithCancel(t.Context())
			over := make(chan error)
			go func() { over <- r.runner.Run(ctx) }()
			<-relay.hung
			stop()
			if err := <-over; err != nil {
				t.Error(err)
			}
			if got := state(r.entry(id)); got != "queued 0  " {
				t.Errorf("after the stop: %s", got)
			}
			if open := r.openJobs(); len(open) != 1 || open[0].State != job.Waiting || open[0].Attempts != 0 {
				t.Errorf("jobs %+v", open)
			}
			select {
			case <-hang:
			default:
			}
			r.run()
			if got := state(r.entry(id)); got != "sent 1  " {
				t.Errorf("after a new start: %s", got)
			}
		})
	}
}

func TestImplicitTLSToAPlainServer(t *testing.T) {
	s := newRelay(t, nil).server(Implicit)
	var f *Failure
	if err := s.Check(t.Context()); !errors.As(err, &f) || f.Reason != Unreachable || !f.Temporary {
		t.Errorf("got %v", err)
	}
	old := newRelay(t, func(r *relay) { r.implicit = true; r.config.MaxVersion = tls.VersionTLS11 })
	if err := old.server(Implicit).Check(t.Context()); !errors.As(err, &f) || f.Reason != Unreachable {
		t.Errorf("TLS 1.1: %v", err)
	}
}
