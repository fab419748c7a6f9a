package application

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// LinkJob is the kind of the jobs that answer people who have lost their link. Their payload is a LinkPayload.
const LinkJob = "application.link"

// LinkPayload names the request that a job answers.
type LinkPayload struct {
	Request string `json:"request"`
}

// newsFor is how long a message is worth being sent.
const newsFor = 14 * 24 * time.Hour

// url is the address of a page in a language.
func (room *Room) url(lang locale.Lang, path string) string {
	return room.o.Address() + "/" + string(lang) + path
}

// linkURL is the link by which an applicant comes back.
func (room *Room) linkURL(lang locale.Lang, link secret.Secret) string {
	return room.url(lang, "/applications?key="+link.Reveal())
}

// write puts a message into the outbox: KEY.subject and KEY.text in the applicant's language.
func (room *Room) write(tx *store.Tx, to party.Email, lang locale.Lang, key string, secret bool, until time.Time, pairs ...any) error {
	if to == "" || room.o.Mail == nil {
		return nil
	}
	pairs = append(pairs, "Operator", room.o.Operator, "Ask", room.url(lang, "/applications/link"))
	return room.o.Mail.Queue(tx, room.o.Org, party.Message{
		To: to, Lang: lang, Secret: secret, Until: until,
		Subject: room.o.Catalogues.Text(lang, key+".subject", pairs...),
		Text:    room.o.Catalogues.Text(lang, key+".text", pairs...),
	})
}

// mailLink sends an applicant the link to come back by, unless the address has had its share. The message says nothing
// of what the form is about.
func (room *Room) mailLink(tx *store.Tx, a *Application, c *call, link secret.Secret) error {
	full, err := room.throttle(tx, a.Email)
	var busy *page.Problem
	if errors.As(err, &busy) {
		return nil // what was written is kept all the same, and its page shows the link
	}
	if err != nil || full {
		return err
	}
	return room.write(tx, a.Email, a.Lang, "application.mail.link", true, room.o.Clock().Add(newsFor), "Link", room.linkURL(a.Lang, link),
		"Erases", room.o.Catalogues.Date(a.Lang, locale.DateOf(a.Erases.In(zone(c.Zone)))))
}

// tell writes to the applicant when somebody else has made a step. Who is not listed in public gets a message that says
// nothing of what it is about: others may read their mail.
func (room *Room) tell(tx *store.Tx, a *Application, m *Admission, step Move) error {
	if step.By == ByApplicant || a.Email == "" {
		return nil
	}
	until := room.o.Clock().Add(newsFor)
	if a.Listing != Public {
		return room.write(tx, a.Email, a.Lang, "application.mail.quiet", false, until)
	}
	title := string(m.Dialogue)
	if d, err := room.o.Cycle.Dialogue(tx, m.Dialogue); err == nil {
		title = words(d.Title, a.Lang)
	}
	return room.write(tx, a.Email, a.Lang, "application.mail.moved", false, until, "Name", a.Name, "Dialogue", title, "State", words(room.State(m.State).Name, a.Lang))
}

// tellReceived says that an application has come in.
func (room *Room) tellReceived(tx *store.Tx, a *Application, c *call) error {
	until := room.o.Clock().Add(newsFor)
	if a.Listing != Public {
		return room.write(tx, a.Email, a.Lang, "application.mail.quiet", false, until)
	}
	return room.write(tx, a.Email, a.Lang, "application.mail.received", false, until, "Name", a.Name, "Call", words(c.Title, a.Lang))
}

// words gives words in a language.
func words(w dialogue.Words, lang locale.Lang) string {
	one, _ := w.In(lang)
	return one.Text
}

func zone(name string) *time.Location {
	if loc, err := time.LoadLocation(name); err == nil {
		return loc
	}
	return time.UTC
}

// askLink takes a request for a new link. It does the same work for every address and looks none up: a job finds out
// later whether there is an application to write about.
func (room *Room) askLink(ctx context.Context, email party.Email, lang locale.Lang) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		full, err := room.throttle(tx, email)
		if err != nil || full {
			return err // links that were sent before still work, as the page says
		}
		id, err := store.NewID(room.o.Random)
		if err != nil {
			return err
		}
		now := room.o.Clock()
		if err := room.keepRequest(tx, id, linkRequest{email, lang, now}); err != nil {
			return err
		}
		if room.o.Jobs == nil {
			return errors.New("asking for a link: there is no queue for jobs")
		}
		return room.o.Jobs.Add(tx, room.o.Org, LinkJob, LinkPayload{Request: id}, now)
	})
}

// AnswerLink is the handler of LinkJob: it writes a new link for every application with the address of a request. The
// links from before still work. A request that has been answered is nothing to do.
func (room *Room) AnswerLink(ctx context.Context, p LinkPayload) error {
	err := room.o.DB.Write(ctx, func(tx *store.Tx) error {
		q, err := room.takeRequest(tx, p.Request)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil || room.o.Clock().Sub(q.asked) > addressWindow {
			return err // after that nobody waits for it any more
		}
		all, err := room.applications(tx, applicationsByEmail, room.o.Org, q.email.Key())
		if err != nil {
			return err
		}
		for _, a := range all {
			c, err := room.call(tx, a.Call, room.o.Clock())
			if err != nil {
				return err
			}
			link, err := room.newLink(tx, a.ID)
			if err != nil {
				return err
			}
			err = room.write(tx, a.Email, q.lang, "application.mail.link", true, room.o.Clock().Add(newsFor), "Link", room.linkURL(q.lang, link),
				"Erases", room.o.Catalogues.Date(q.lang, locale.DateOf(a.Erases.In(zone(c.Zone)))))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("answering a request for a link: %w", err)
	}
	return nil
}
