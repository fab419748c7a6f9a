package party

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// How long one-time links work.
const (
	LinkFor       = 20 * time.Minute
	InvitationFor = 7 * 24 * time.Hour
	SetUpFor      = 24 * time.Hour
)

// The throttle of the sign-in page. The window is as long as a link works, so that an address that has reached
// its limit still has a link that works: asking in somebody's name cannot lock them out.
const (
	linksPerAddress = 3
	addressWindow   = LinkFor
	linksAtAll      = 300
	allWindow       = 10 * time.Minute
)

// SignInJob is the kind of the jobs that answer the sign-in page. Their payload is a SignInPayload.
const SignInJob = "party.signin"

// SignInPayload names the request that a job answers.
type SignInPayload struct {
	Request string `json:"request"`
}

// everybody is the hash under which the links for all addresses are counted.
var everybody = []byte{}

func addressHash(e Email) []byte {
	sum := sha256.Sum256([]byte("address\x00" + e.Key()))
	return sum[:]
}

// AskLink takes a request for a sign-in link. It does the same work for every address and looks none up: a job
// finds out later whether there is a person to write to. next is where the link leads, empty for the account.
func (d *Directory) AskLink(ctx context.Context, email Email, lang locale.Lang, next string) error {
	now := d.o.Clock()
	return d.o.DB.Write(ctx, func(tx *store.Tx) error {
		full, err := d.throttle(tx, email, now)
		if err != nil || full {
			return err // links that were sent before still work, as the page says
		}
		id, err := store.NewID(d.o.Random)
		if err != nil {
			return err
		}
		if err := d.insertRequest(tx, signinRequest{id, email, lang, next}, now); err != nil {
			return err
		}
		return d.o.Jobs.Add(tx, d.o.Org, SignInJob, SignInPayload{Request: id}, now)
	})
}

// throttle counts a message to an address. full tells that it has had its share for now; when everybody together
// asks for too much, the error says so.
func (d *Directory) throttle(tx *store.Tx, email Email, now time.Time) (full bool, err error) {
	n, err := d.countUp(tx, addressHash(email), addressWindow, now)
	if err != nil {
		return false, fmt.Errorf("counting the links for an address: %w", err)
	}
	if n > linksPerAddress {
		return true, nil
	}
	n, err = d.countUp(tx, everybody, allWindow, now)
	if err != nil {
		return false, fmt.Errorf("counting the links for all: %w", err)
	}
	if n > linksAtAll {
		return false, &page.Problem{Status: http.StatusTooManyRequests, Key: "party.signin.busy"}
	}
	return false, nil
}

// AnswerSignIn is the handler of SignInJob: it writes a link to the person whose address it is, if there is one.
// A request that has been answered is nothing to do.
func (d *Directory) AnswerSignIn(ctx context.Context, p SignInPayload) error {
	now := d.o.Clock()
	err := d.o.DB.Write(ctx, func(tx *store.Tx) error {
		request, asked, err := d.takeRequest(tx, p.Request)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if now.Sub(asked) > LinkFor {
			return nil // nobody waits for it any more
		}
		person, err := d.personByEmail(tx, request.email)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		link, err := d.newLink(tx, signinLink{person: person.ID, purpose: ToSignIn, next: request.next, expires: now.Add(LinkFor)}, now)
		if err != nil {
			return err
		}
		return d.write(tx, person, "party.mail.link", now.Add(LinkFor), &link)
	})
	if err != nil {
		return fmt.Errorf("answering a request for a link: %w", err)
	}
	return nil
}

// newLink makes a one-time link and keeps its hash.
func (d *Directory) newLink(tx *store.Tx, l signinLink, now time.Time) (secret.Secret, error) {
	s, err := secret.New(d.o.Random)
	if err != nil {
		return secret.Secret{}, err
	}
	return s, d.insertLink(tx, s, l, now)
}

// write puts a message to a person into the outbox: KEY.subject and KEY.text in their language, with the link
// if there is one.
func (d *Directory) write(tx *store.Tx, p Person, key string, until time.Time, link *secret.Secret, pairs ...any) error {
	pairs = append(pairs,
		"Name", p.Address(),
		"Instance", d.instanceName(p.Lang),
		"SignIn", d.link(p.Lang, "/sign-in"),
		"Until", d.o.Catalogues.Instant(p.Lang, until))
	if link != nil {
		pairs = append(pairs, "Link", d.linkWithKey(p.Lang, *link))
	}
	return d.o.Mail.Queue(tx, d.o.Org, Message{
		To:      p.Email,
		Name:    p.Name,
		Lang:    p.Lang,
		Subject: d.text(p.Lang, key+".subject", pairs...),
		Text:    d.text(p.Lang, key+".text", pairs...),
		Secret:  link != nil,
		Until:   until,
	})
}

// instanceName is what messages call the instance.
func (d *Directory) instanceName(lang locale.Lang) string {
	if operator := d.o.Instance().Operator; operator != "" {
		return d.text(lang, "party.mail.instance", "Operator", operator)
	}
	return "Rostrum"
}

// linkGone says that a link cannot be used: it ran out, was used, or never was one. The three look alike.
func linkGone(err error) error {
	return &page.Problem{Status: http.StatusGone, Key: "party.link.gone", Err: err}
}

// OpenLink tells whom a link would sign in and for what, without using it: programs that open links in mail to
// check them must not use them up.
func (d *Directory) OpenLink(ctx context.Context, key string) (Person, Purpose, error) {
	s, ok := secret.Parse(key)
	if !ok {
		return Person{}, "", linkGone(nil)
	}
	var p Person
	var l signinLink
	err := d.o.DB.Read(ctx, func(tx *store.Tx) error {
		var err error
		if l, err = d.peekLink(tx, s, d.o.Clock()); err != nil {
			return err
		}
		p, err = d.person(tx, l.person)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return p, "", linkGone(err)
	}
	if l.purpose == ToConfirmEmail {
		p.Email = l.email
	}
	return p, l.purpose, err
}

// useLink signs the bearer of a link in, once, and gives the session's token and where to go next. The session
// that the browser had before, if any, ends. A link that proves a new address signs nobody in, for it may have
// gone to a stranger by a slip of the pen: it works where its person is signed in, and gives no token.
func (d *Directory) useLink(ctx context.Context, key string, actor Actor, before *secret.Secret) (token secret.Secret, next string, err error) {
	s, ok := secret.Parse(key)
	if !ok {
		return secret.Secret{}, "", linkGone(nil)
	}
	now := d.o.Clock()
	err = d.o.DB.Write(ctx, func(tx *store.Tx) error {
		token, next = secret.Secret{}, ""
		l, err := d.takeLink(tx, s, now)
		if err != nil {
			return err
		}
		p, err := d.person(tx, l.person)
		if err != nil {
			return err
		}
		if l.purpose == ToConfirmEmail {
			next = "/account?done=email"
			return d.confirmEmail(tx, actor, p, l.email)
		}
		next = l.next
		// Whoever has shown that the mailbox is theirs needs none of the other links, and may ask for new ones.
		if _, err := tx.Exec(deleteLinksBut, string(d.o.Org), string(p.ID), string(ToConfirmEmail)); err != nil {
			return err
		}
		if _, err := tx.Exec(resetCount, string(d.o.Org), addressHash(p.Email)); err != nil {
			return err
		}
		if before != nil {
			if err := d.endSession(tx, *before); err != nil {
				return err
			}
		}
		token, err = d.startSession(tx, p.ID, ByLink, "", now)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		err = linkGone(err)
	}
	return token, next, err
}
