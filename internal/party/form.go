package party

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"rostrum.example/internal/page"
)

// maxForm bounds what a form or an answer of a passkey may weigh, in bytes.
const maxForm = 64 << 10

// readForm reads what somebody sent. The forms of this part are small; what is bigger was not made by them.
func readForm(w http.ResponseWriter, r *page.Request) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return nil, unreadable(err)
	}
	return r.PostForm, nil
}

// readJSON reads what our own script sent. A form of another site cannot send this type of content.
func readJSON(w http.ResponseWriter, r *page.Request, into any) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return unreadable(errors.New("the content is not JSON"))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		return unreadable(err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return unreadable(err)
	}
	return nil
}

// refused says that the policy does not allow something.
func refused(key string) error { return &page.Problem{Status: http.StatusForbidden, Key: key} }

func unreadable(err error) error {
	return &page.Problem{Status: http.StatusBadRequest, Key: "party.form.unreadable", Err: err}
}

// field is one field of a form as a page shows it, with what was typed and what is wrong with it.
type field struct {
	Name         string // also its id
	Label, Hint  string
	Type         string
	Autocomplete string
	Inputmode    string
	LTR          bool // its content reads from left to right in every language
	Value        string
	Error        string
	Choices      []choice
}

// choice is one option of a field.
type choice struct {
	Value, Text, Hint string
	Chosen            bool
	Disabled          bool
}

// choose marks the option that was chosen.
func choose(all []choice, value string) []choice {
	for i := range all {
		all[i].Chosen = all[i].Value == value
	}
	return all
}

// formError is one line of the summary above a form. Href leads to the field, or to what helps.
type formError struct {
	Field, Href, Text string
}

type formErrors []formError

// of gives what is wrong with one field.
func (all formErrors) of(field string) string {
	if i := slices.IndexFunc(all, func(e formError) bool { return e.Field == field }); i >= 0 {
		return all[i].Text
	}
	return ""
}

// explain turns what went wrong with a form into lines for its page. An error that is not about the form comes
// back as it is, for the shell to show.
func explain(r *page.Request, err error) (formErrors, error) {
	var fields Invalids
	var problem *page.Problem
	switch {
	case errors.As(err, &fields):
		var all formErrors
		for _, f := range fields {
			all = append(all, formError{f.Field, "#" + f.Field, r.Text(f.Key, f.Pairs...)})
		}
		return all, nil
	case Stale(err):
		return formErrors{{Href: r.Link("/sign-in?again=1"), Text: r.Text("party.form.stale")}}, nil
	case errors.As(err, &problem) && problem.Status == http.StatusConflict:
		text := r.Text(problem.Key, problem.Pairs...) + ". " + r.Text(problem.Key+".next", problem.Pairs...)
		return formErrors{{Text: text}}, nil
	}
	return nil, err
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
	var fields Invalids
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
