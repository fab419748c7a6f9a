package application

import (
	"net/http"
	"net/url"
	"strings"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/secret"
)

// The names of the cookie that holds the link's secret, so that it does not stay in addresses. A browser takes the
// first only over https.
const (
	secureCookie = "__Secure-application"
	plainCookie  = "application"
)

func (room *Room) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	u, err := url.Parse(room.o.Address())
	return err == nil && u.Scheme == "https" && strings.EqualFold(u.Host, r.Host)
}

func (room *Room) cookie(r *http.Request) *http.Cookie {
	c := &http.Cookie{Name: plainCookie, HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: room.secure(r)}
	if c.Secure {
		c.Name = secureCookie
	}
	return c
}

// remember keeps the secret in the browser until it is closed, for the pages of the application in every language.
func (room *Room) remember(w http.ResponseWriter, r *page.Request, key secret.Secret) {
	room.setCookies(w, r, key.Reveal(), 0)
}

// forgetHere takes the secret out of the browser.
func (room *Room) forgetHere(w http.ResponseWriter, r *page.Request) { room.setCookies(w, r, "", -1) }

func (room *Room) setCookies(w http.ResponseWriter, r *page.Request, value string, age int) {
	c := room.cookie(r.Request)
	c.Value, c.MaxAge = value, age
	for _, lang := range locale.Langs {
		c.Path = "/" + string(lang) + "/applications"
		http.SetCookie(w, c)
	}
}

// key reads the secret that the browser keeps.
func (room *Room) key(r *page.Request) (secret.Secret, bool) {
	c, err := r.Cookie(room.cookie(r.Request).Name)
	if err != nil {
		return secret.Secret{}, false
	}
	return secret.Parse(c.Value)
}

// noStore keeps an answer out of the browser's cache: others may use the same computer.
type noStore struct{ http.ResponseWriter }

func (w noStore) WriteHeader(status int) {
	w.Header().Set("Cache-Control", "no-store")
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w noStore) Unwrap() http.ResponseWriter { return w.ResponseWriter }
