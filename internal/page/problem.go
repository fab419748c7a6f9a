package page

import (
	"errors"
	"fmt"
	"net/http"

	"rostrum.example/internal/store"
)

// Problem is an error that a reader is shown: what happened and what to do next, by key, in their language.
// The wrapped error is for the log and never reaches a page.
type Problem struct {
	// Status is the HTTP status of the answer.
	Status int
	// Key names the title; Key+".next" names the sentence that says what to do.
	Key string
	// Pairs fill the placeholders of both.
	Pairs []any
	// Err is what happened inside.
	Err error
}

func (p *Problem) Error() string {
	if p.Err != nil {
		return fmt.Sprintf("%s: %v", p.Key, p.Err)
	}
	return p.Key
}

func (p *Problem) Unwrap() error { return p.Err }

// NotFound says that there is nothing at this address.
func NotFound() *Problem {
	return &Problem{Status: http.StatusNotFound, Key: "page.problem.notfound"}
}

type problemView struct {
	Title, Next string
}

// problemOf finds what can be said of an error, and logs what cannot.
func (s *Site) problemOf(r *Request, err error) *Problem {
	var p *Problem
	switch {
	case errors.As(err, &p):
	case errors.Is(err, store.ErrFull):
		p = &Problem{Status: http.StatusInsufficientStorage, Key: "page.problem.full", Err: err}
	default:
		p = &Problem{Status: http.StatusInternalServerError, Key: "page.problem.internal", Err: err}
	}
	if p.Status >= 500 {
		s.log.Error("answering a request failed", "path", r.Path, "error", err)
	}
	return p
}

// Fail shows an error to the reader. What is not a Problem is logged and shown as a fault of the program.
func (s *Site) Fail(w http.ResponseWriter, r *Request, err error) {
	p := s.problemOf(r, err)
	view := problemView{r.Text(p.Key, p.Pairs...), r.Text(p.Key+".next", p.Pairs...)}
	if err := s.problem.RenderStatus(w, r, p.Status, view); err != nil {
		s.log.Error("showing an error failed", "path", r.Path, "error", err)
	}
}
