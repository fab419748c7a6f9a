package mail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/job"
	"rostrum.example/internal/store"
)

const (
	sendKind  job.Kind = "mail.send"
	eraseKind job.Kind = "mail.erase"
)

type sendPayload struct {
	Mail string `json:"mail"` // the row's id
}

// sendPolicy tries for about two and a half days, as mail servers do among themselves (RFC 5321, 4.5.4.1).
var sendPolicy = job.Policy{Lease: 5 * time.Minute, First: time.Minute, Cap: 4 * time.Hour, Attempts: 22}

// Handle registers the work of the outbox: sending what is queued, and erasing every day what is due.
func (b *Outbox) Handle(r *job.Runner) {
	job.Handle(r, sendKind, sendPolicy, b.deliver)
	r.Every(eraseKind, 24*time.Hour, job.Policy{}, func(ctx context.Context, _ *job.Job) error {
		n, err := b.Erase(ctx, b.o.Now())
		if n > 0 {
			b.o.Log.Info("messages erased on their date", "count", n)
		}
		return err
	})
}

const countAttempt = `
update mail
set attempts = attempts + 1, reason = $1, detail = $2
where org = $3 and id = $4 and state = 'queued'`

const endMail = `
update mail
set state = $1, attempts = attempts + $2, reason = $3, detail = $4, text = case when secret = 1 then '' else text end
where org = $5 and id = $6 and state = 'queued'`

const showMail = `
update mail
set state = 'shown'
where org = $1 and id = $2 and state = 'queued'`

// deliver sends one message. What became of it is a fact whoever holds the lease by then, so it is written in
// any case; only the job's end is left to a new holder.
func (b *Outbox) deliver(ctx context.Context, j *job.Job, p sendPayload) error {
	e, err := b.Message(ctx, j.Org, p.Mail)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil // erased
	case err != nil:
		return err
	case e.State != Queued:
		return nil // done before
	case b.o.Server == nil:
		return b.conclude(ctx, j, showMail, string(j.Org), e.ID)
	case !e.Until.IsZero() && !b.o.Now().Before(e.Until):
		return b.end(ctx, j, e, Failed, 0, &Failure{Reason: Late})
	}
	err = b.o.Server.send(ctx, e)
	var f *Failure
	switch {
	case err == nil:
		// Even if the program is stopping by now: the message has left.
		return b.end(context.WithoutCancel(ctx), j, e, Sent, 1, &Failure{})
	case !errors.As(err, &f):
		return err
	case f.Temporary && !j.Last:
		werr := b.o.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(countAttempt, string(f.Reason), f.Detail, string(j.Org), e.ID)
			return err
		})
		return errors.Join(f, werr)
	}
	b.o.Log.Warn("message could not be sent", "org", j.Org, "mail", e.ID, "reason", f.Reason, "detail", f.Detail)
	return b.end(context.WithoutCancel(ctx), j, e, Failed, 1, f)
}

func (b *Outbox) end(ctx context.Context, j *job.Job, e Entry, s State, attempts int, f *Failure) error {
	return b.conclude(ctx, j, endMail, string(s), attempts, string(f.Reason), f.Detail, string(j.Org), e.ID)
}

func (b *Outbox) conclude(ctx context.Context, j *job.Job, query string, args ...any) error {
	err := b.o.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(query, args...); err != nil {
			return err
		}
		if err := j.Finish(tx); err != nil && !errors.Is(err, job.ErrLost) {
			return err
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("writing what became of a message: %w", err)
	}
	return nil
}
