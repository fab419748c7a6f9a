package party

import (
	"errors"
	"slices"
	"time"

	"rostrum.example/internal/page"
)

// FreshFor is how young a sign-in must be for a sensitive action.
const FreshFor = 15 * time.Minute

// Action is something that a person does, named noun.verb.
type Action string

// The actions that a role can allow.
const (
	ConfigureInstance   Action = "instance.configure"
	SeeJobs             Action = "job.see"
	MakeBackup          Action = "backup.make"
	ReadOutbox          Action = "outbox.read"
	SeePersons          Action = "person.see"
	InvitePerson        Action = "person.invite"
	GrantRole           Action = "role.grant"
	EndRole             Action = "role.end"
	SeeRoleHistory      Action = "role.history"
	SeeOrganisations    Action = "organisation.see"
	AddOrganisation     Action = "organisation.add"
	CorrectOrganisation Action = "organisation.correct"
	ImportRecord        Action = "record.import"
	EditRecord          Action = "record.edit"
	OpenCall            Action = "call.open"
	SubmitApplication   Action = "application.submit"
	ReadApplication     Action = "application.read"
	CheckApplication    Action = "application.check"
	ObjectToApplication Action = "application.object"
	DecideApplication   Action = "application.decide"
	EditProgramme       Action = "programme.edit"
	EditSummary         Action = "summary.edit"
	PublishSummary      Action = "summary.publish"
	AnswerPoint         Action = "point.answer"
	ViewPoint           Action = "point.view"
)

// rule is one row of the policy: these roles may do this, where the scope in which the role is held covers the
// scope in which it is done. A fresh action also asks for a sign-in younger than FreshFor.
type rule struct {
	action Action
	fresh  bool
	roles  []Role
}

const (
	anytime = false
	fresh   = true
)

// policy is who may do what. What it does not allow is refused. What everyone may do with their own account
// does not stand here: it needs no role.
var policy = []rule{
	{ConfigureInstance, fresh, []Role{Officer, Administrator}},
	{SeeJobs, anytime, []Role{Officer, Administrator}},
	{MakeBackup, fresh, []Role{Administrator}},
	{ReadOutbox, anytime, []Role{Officer}},

	{SeePersons, anytime, []Role{Officer, Administrator}},
	{InvitePerson, fresh, []Role{Officer}},
	{GrantRole, fresh, []Role{Officer}},
	{EndRole, fresh, []Role{Officer}},
	{SeeRoleHistory, anytime, []Role{Officer}},

	{SeeOrganisations, anytime, []Role{Officer, Coordinator}},
	{AddOrganisation, anytime, []Role{Officer}},
	{CorrectOrganisation, anytime, []Role{Officer, Contact}},

	{ImportRecord, fresh, []Role{Officer, Editor}},
	{EditRecord, anytime, []Role{Officer, Editor}},

	{OpenCall, anytime, []Role{Officer}},
	{SubmitApplication, anytime, []Role{Contact}},
	{ReadApplication, anytime, []Role{Officer, Coordinator, Chair, Bureau}},
	{CheckApplication, anytime, []Role{Officer}},
	{ObjectToApplication, anytime, []Role{Bureau}},
	{DecideApplication, fresh, []Role{Chair, Bureau}},
	{EditProgramme, anytime, []Role{Officer, Coordinator, Chair}},

	{EditSummary, anytime, []Role{Officer, Chair}},
	{PublishSummary, fresh, []Role{Chair}},
	{AnswerPoint, anytime, []Role{FocalPoint}},
	{ViewPoint, anytime, []Role{Contact}},
}

// Actor is who acts: a person with the roles they hold right now. The zero value is an anonymous reader.
type Actor struct {
	Person PersonID
	Name   string
	Roles  []Held
	// Fresh tells whether the person signed in less than FreshFor ago.
	Fresh bool

	session SessionID
}

// Anonymous tells whether nobody is signed in.
func (a Actor) Anonymous() bool { return a.Person == "" }

// Holds tells whether the actor holds the role in a scope that covers the one asked.
func (a Actor) Holds(role Role, scope Scope) bool {
	return slices.ContainsFunc(a.Roles, func(h Held) bool { return h.Role == role && h.Scope.covers(scope) })
}

// Allow tells whether the actor may do this in this scope. A refusal is a *page.Problem that says what and why
// and what now: to sign in, to sign in again (see Stale), or to ask an officer.
func Allow(actor Actor, action Action, scope Scope) error {
	if actor.Anonymous() {
		return refused("party.refused.anonymous")
	}
	i := slices.IndexFunc(policy, func(r rule) bool { return r.action == action })
	if i < 0 || !slices.ContainsFunc(policy[i].roles, func(r Role) bool { return actor.Holds(r, scope) }) {
		return refused("party.refused.role")
	}
	if policy[i].fresh {
		return requireFresh(actor)
	}
	return nil
}

// May tells whether the actor's roles allow the action, however long ago the sign-in was: it decides what a page
// offers, Allow what is done.
func May(actor Actor, action Action, scope Scope) bool {
	actor.Fresh = true
	return Allow(actor, action, scope) == nil
}

// MayAnywhere tells whether the actor's roles allow the action in some scope.
func MayAnywhere(actor Actor, action Action) bool {
	return slices.ContainsFunc(actor.Roles, func(h Held) bool { return May(actor, action, h.Scope) })
}

const staleKey = "party.refused.stale"

// requireFresh asks for a sign-in younger than FreshFor.
func requireFresh(actor Actor) error {
	if !actor.Fresh {
		return refused(staleKey)
	}
	return nil
}

// Stale tells whether an action was only refused because the sign-in is too old for it.
func Stale(err error) bool {
	var p *page.Problem
	return errors.As(err, &p) && p.Key == staleKey
}
