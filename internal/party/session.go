package party

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"rostrum.example/internal/page"
	"rostrum.example/internal/secret"
	"rostrum.example/internal/store"
)

// How long a session lives: without a request, and at most.
const (
	SessionIdle = 12 * time.Hour
	SessionMax  = 14 * 24 * time.Hour
)

// touchEvery bounds how often a session that is in use is written to.
const touchEvery = 10 * time.Minute

// The names of the session's cookie. A browser takes the first only over https, for this host and every path.
const (
	secureCookie = "__Host-rostrum"
	plainCookie  = "rostrum"
)

// startSession makes a session in tx and gives its token.
func (d *Directory) startSession(tx *store.Tx, person PersonID, how How, passkey string, now time.Time) (secret.Secret, error) {
	token, err := secret.New(d.o.Random)
	if err != nil {
		return secret.Secret{}, err
	}
	id, err := store.NewID(d.o.Random)
	if err != nil {
		return secret.Secret{}, err
	}
	if err := d.postpone(tx, person, now); err != nil {
		return secret.Secret{}, err
	}
	return token, d.insertSession(tx, token, Session{ID: SessionID(id), Person: person, How: how, Passkey: passkey, Created: now, Seen: now})
}

// endSession ends the session of a token; a token without one is nothing to do.
func (d *Directory) endSession(tx *store.Tx, token secret.Secret) error {
	_, err := tx.Exec(deleteSession, string(d.o.Org), token.Hash())
	return err
}

// secureRequest tells whether the reader's browser speaks https. Where a proxy in front of the program does so,
// the instance's own address says it.
func (d *Directory) secureRequest(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	u, err := url.Parse(d.o.Instance().URL)
	return err == nil && u.Scheme == "https" && strings.EqualFold(u.Hostname(), hostname(r.Host))
}

func hostname(host string) string {
	u := url.URL{Host: host}
	return strings.ToLower(u.Hostname())
}

// bareAddress tells whether the reader came by an IP address. Passkeys belong to names.
func bareAddress(r *http.Request) bool { return net.ParseIP(hostname(r.Host)) != nil }

func (d *Directory) cookieName(r *http.Request) string {
	if d.secureRequest(r) {
		return secureCookie
	}
	return plainCookie
}

// token reads the session's token from the reader's cookie.
func (d *Directory) token(r *http.Request) (secret.Secret, bool) {
	c, err := r.Cookie(d.cookieName(r))
	if err != nil {
		return secret.Secret{}, false
	}
	return secret.Parse(c.Value)
}

func (d *Directory) setCookie(w http.ResponseWriter, r *http.Request, token secret.Secret) {
	http.SetCookie(w, &http.Cookie{
		Name:     d.cookieName(r),
		Value:    token.Reveal(),
		Path:     "/",
		MaxAge:   int(SessionMax / time.Second),
		HttpOnly: true,
		Secure:   d.secureRequest(r),
		SameSite: http.SameSiteLaxMode,
	})
}

func (d *Directory) dropCookie(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, &http.Cookie{
		Name:     d.cookieName(r),
		Path:     "/",
		MaxAge:   -1,
		HttpOnly: true,
		Secure:   d.secureRequest(r),
		SameSite: http.SameSiteLaxMode,
	})
}

// current reads the session of a request and the person's name; ErrNotFound where nobody is signed in.
func (d *Directory) current(ctx context.Context, r *http.Request) (Session, string, error) {
	token, ok := d.token(r)
	if !ok {
		return Session{}, "", ErrNotFound
	}
	now := d.o.Clock()
	var s Session
	var name string
	err := d.o.DB.Read(ctx, func(tx *store.Tx) error {
		var err error
		s, name, err = d.session(tx, token, now)
		return err
	})
	return s, name, err
}

// Viewer tells the site who asks. A session that has ended is an anonymous reader.
func (d *Directory) Viewer(r *http.Request) (page.Viewer, error) {
	s, name, err := d.current(r.Context(), r)
	if errors.Is(err, ErrNotFound) {
		return page.Viewer{}, nil
	}
	if err != nil {
		return page.Viewer{}, err
	}
	if now := d.o.Clock(); now.Sub(s.Seen) >= touchEvery {
		token, _ := d.token(r)
		err := d.o.DB.Write(r.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(touchSession, store.Micros(now), string(d.o.Org), token.Hash())
			return err
		})
		if err != nil { // a full disk must not keep people from reading
			d.o.Log.Warn("noting that a session is in use failed", "error", err)
		}
	}
	return page.Viewer{ID: string(s.Person), Name: name}, nil
}

// Actor tells who acts in a request, with the roles that the person holds at this moment. Wings ask Allow with it.
func (d *Directory) Actor(ctx context.Context, r *page.Request) (Actor, error) {
	token, ok := d.token(r.Request)
	if !ok {
		return Actor{}, nil
	}
	now := d.o.Clock()
	var a Actor
	err := d.o.DB.Read(ctx, func(tx *store.Tx) error {
		s, name, err := d.session(tx, token, now)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		roles, err := d.roles(tx, s.Person)
		a = Actor{Person: s.Person, Name: name, Roles: roles[s.Person], Fresh: now.Sub(s.Created) < FreshFor, session: s.ID}
		return err
	})
	return a, err
}

// EndSession ends one of the actor's own sessions.
func (d *Directory) EndSession(ctx context.Context, actor Actor, id SessionID) error {
	return d.o.DB.Write(ctx, func(tx *store.Tx) error {
		return one(tx.Exec(deleteSessionByID, string(d.o.Org), string(actor.Person), string(id)))
	})
}

// EndOtherSessions ends all of the actor's sessions but the one they act in.
func (d *Directory) EndOtherSessions(ctx context.Context, actor Actor) error {
	return d.o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(deleteSessionsBut, string(d.o.Org), string(actor.Person), string(actor.session))
		return err
	})
}

// SignOut ends the session of a request and takes its cookie back.
func (d *Directory) SignOut(w http.ResponseWriter, r *http.Request) error {
	if token, ok := d.token(r); ok {
		err := d.o.DB.Write(r.Context(), func(tx *store.Tx) error { return d.endSession(tx, token) })
		if err != nil {
			return err
		}
	}
	d.dropCookie(w, r)
	return nil
}
