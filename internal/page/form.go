package page

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// ReadForm reads what somebody sent with a form without files. What weighs more than limit bytes was not made by the
// form and is refused.
func ReadForm(w http.ResponseWriter, r *Request, limit int64) (url.Values, error) {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	if err := r.ParseForm(); err != nil {
		return nil, Unreadable(err)
	}
	return r.PostForm, nil
}

// Unreadable says that what was sent is not what the page sends.
func Unreadable(err error) error {
	return &Problem{Status: http.StatusBadRequest, Key: "form.unreadable", Err: err}
}

// Field is one field of a form as a page shows it, with what was typed and what is wrong with it. The templates
// "field", "area", "select", "radios" and "checks" show it.
type Field struct {
	Name         string // also its id
	Label, Hint  string
	Type         string
	Autocomplete string
	Inputmode    string
	LTR          bool // its content reads from left to right in every language
	Max          int  // characters; 0 for no bound
	Rows         int  // lines of an area
	Optional     bool // said beside the label
	Value        string
	Error        string
	Choices      []Choice
}

// Choice is one option of a field.
type Choice struct {
	Value, Text, Hint string
	Chosen            bool
	Disabled          bool
}

// Choose marks the options that were chosen.
func Choose(all []Choice, values ...string) []Choice {
	for i := range all {
		all[i].Chosen = slices.Contains(values, all[i].Value)
	}
	return all
}

// FormError is one line of the summary above a form. Href leads to the field, or to what helps.
type FormError struct {
	Field, Href, Text string
}

// FormErrors are what is wrong with a form, for the template "errors".
type FormErrors []FormError

// Of gives what is wrong with one field.
func (all FormErrors) Of(field string) string {
	if i := slices.IndexFunc(all, func(e FormError) bool { return e.Field == field }); i >= 0 {
		return all[i].Text
	}
	return ""
}

// Invalid says what is wrong with one field of what somebody sent, by key, for the page to show beside it.
type Invalid struct {
	Field string
	Key   string
	Pairs []any
}

func (i Invalid) Error() string { return i.Field + ": " + i.Key }

// Invalids are all the fields that need another look. Nothing has been done.
type Invalids []Invalid

func (all Invalids) Error() string {
	var texts []string
	for _, i := range all {
		texts = append(texts, i.Error())
	}
	return strings.Join(texts, "; ")
}

// Collect joins the fields that several checks found wrong; an error that is none of them comes back as it is.
func Collect(errs ...error) error {
	var all Invalids
	for _, err := range errs {
		switch e := err.(type) {
		case nil:
		case Invalids:
			all = append(all, e...)
		default:
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// Explain turns what went wrong with a form into lines for its page. An error that is not about the form comes
// back as it is, for the shell to show.
func Explain(r *Request, err error) (FormErrors, error) {
	var fields Invalids
	var problem *Problem
	switch {
	case errors.As(err, &fields):
		var all FormErrors
		for _, f := range fields {
			all = append(all, FormError{f.Field, "#" + f.Field, r.Text(f.Key, f.Pairs...)})
		}
		return all, nil
	case errors.As(err, &problem) && problem.Status == http.StatusConflict:
		text := r.Text(problem.Key, problem.Pairs...) + ". " + r.Text(problem.Key+".next", problem.Pairs...)
		return FormErrors{{Text: text}}, nil
	}
	return nil, err
}

// Done gives the words for what a form has done, named in the address it led to ("?done=saved"), if it is one of those
// that are known.
func Done(r *Request, known []string, prefix string) string {
	if d := r.URL.Query().Get("done"); slices.Contains(known, d) {
		return r.Text(prefix + d)
	}
	return ""
}
