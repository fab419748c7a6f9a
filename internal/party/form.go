package party

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"rostrum.example/internal/page"
)

// maxForm bounds what a form or an answer of a passkey may weigh, in bytes.
const maxForm = 64 << 10

// readJSON reads what our own script sent. A form of another site cannot send this type of content.
func readJSON(w http.ResponseWriter, r *page.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return page.Unreadable(errors.New("the content is not JSON"))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		return page.Unreadable(err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return page.Unreadable(err)
	}
	return nil
}

// refused says that the policy does not allow something.
func refused(key string) error { return &page.Problem{Status: http.StatusForbidden, Key: key} }

// Explain is page.Explain, and tells whoever signed in too long ago to sign in again without losing what they typed.
func Explain(r *page.Request, err error) (page.FormErrors, error) {
	if Stale(err) {
		return page.FormErrors{{Href: r.Link("/sign-in?again=1"), Text: r.Text("party.form.stale")}}, nil
	}
	return page.Explain(r, err)
}

// localPath keeps an address of this site to return to, without the language; anything else is dropped.
func localPath(s string) string {
	if len(s) > 500 || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, `\#`) || !page.Clean(s) {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Host != "" || u.Scheme != "" || u.User != nil {
		return ""
	}
	return s
}

// here is the address of a request, to return to after signing in.
func here(r *page.Request) string {
	if r.URL.RawQuery == "" {
		return r.Path
	}
	return r.Path + "?" + r.URL.RawQuery
}

// noStore keeps an answer out of the browser's cache: others may use the same computer.
type noStore struct{ http.ResponseWriter }

func (w noStore) WriteHeader(status int) {
	w.Header().Set("Cache-Control", "no-store")
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the writer below.
func (w noStore) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// answerJSON answers our own script; an error becomes a title and a next step in the reader's language.
func (p *pages) answerJSON(w http.ResponseWriter, r *page.Request, value any, err error) error {
	w = noStore{w}
	if err == nil {
		return page.JSON(w, http.StatusOK, value)
	}
	var problem *page.Problem
	var fields page.Invalids
	switch {
	case errors.As(err, &fields):
		return page.JSON(w, http.StatusUnprocessableEntity, map[string]string{"title": r.Text(fields[0].Key, fields[0].Pairs...), "next": ""})
	case !errors.As(err, &problem):
		p.d.o.Log.Error("answering a request failed", "path", r.Path, "error", err)
		problem = &page.Problem{Status: http.StatusInternalServerError, Key: "page.problem.internal"}
	case problem.Err != nil:
		p.d.o.Log.Info("a passkey was not accepted", "error", fmt.Sprint(problem.Err))
	}
	return page.JSON(w, problem.Status, map[string]string{
		"title": r.Text(problem.Key, problem.Pairs...),
		"next":  r.Text(problem.Key+".next", problem.Pairs...),
	})
}
