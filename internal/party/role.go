package party

import (
	"slices"
	"time"
)

// Role is what a person is in the dialogue, in the field's own words. There is no role for enforcement: what
// people confide for their protection must not reach those who police migration (A/73/178/Rev.1, 35 to 38).
type Role string

// The roles. A mechanism's preset says which of them exist.
const (
	// Officer works for the secretariat that convenes the dialogue.
	Officer Role = "officer"
	// Coordinator works for the umbrella body of the stakeholders.
	Coordinator Role = "coordinator"
	// Chair leads a body and its dialogues and owns the summary.
	Chair Role = "chair"
	// Bureau is a member of the (extended) bureau that considers applications.
	Bureau Role = "bureau"
	// FocalPoint answers for a State.
	FocalPoint Role = "focal"
	// Contact speaks for an organisation.
	Contact Role = "contact"
	// Editor keeps the published record.
	Editor Role = "editor"
	// Administrator runs the server and sees no personal data beyond accounts.
	Administrator Role = "administrator"
)

// roleScopes says in which kinds of scope each role can be held; its keys are the roles that exist.
var roleScopes = map[Role][]ScopeKind{
	Officer:       {InInstance},
	Coordinator:   {InInstance, InBody, InDialogue},
	Chair:         {InBody, InDialogue},
	Bureau:        {InInstance, InBody},
	FocalPoint:    {InState},
	Contact:       {InOrganisation},
	Editor:        {InInstance, InBody, InDialogue},
	Administrator: {InInstance},
}

// Roles lists every role in the order in which pages show them.
func Roles() []Role {
	return []Role{Officer, Coordinator, Chair, Bureau, FocalPoint, Contact, Editor, Administrator}
}

// Known tells whether there is such a role.
func (r Role) Known() bool { return roleScopes[r] != nil }

// Scopes tells in which kinds of scope the role can be held.
func (r Role) Scopes() []ScopeKind { return roleScopes[r] }

// ScopeKind says what a role is held for.
type ScopeKind string

// The kinds of scope.
const (
	InInstance     ScopeKind = "instance"
	InBody         ScopeKind = "body"
	InDialogue     ScopeKind = "dialogue"
	InOrganisation ScopeKind = "organisation"
	InState        ScopeKind = "state"
)

// Scope is where a role is held, or where somebody wants to act.
type Scope struct {
	Kind ScopeKind
	// ID names the body, the dialogue, the organisation or the State (ISO 3166-1 alpha-2); empty for the instance.
	ID string
	// Body is the body that a dialogue belongs to.
	Body string
}

// WholeInstance is the scope that holds all others.
func WholeInstance() Scope { return Scope{Kind: InInstance} }

// OfBody is the scope of a body, such as a working group, and of its dialogues.
func OfBody(id string) Scope { return Scope{Kind: InBody, ID: id} }

// OfDialogue is the scope of one dialogue of a body.
func OfDialogue(id, body string) Scope { return Scope{Kind: InDialogue, ID: id, Body: body} }

// OfOrganisation is the scope of one organisation.
func OfOrganisation(id OrganisationID) Scope { return Scope{Kind: InOrganisation, ID: string(id)} }

// OfState is the scope of one State.
func OfState(code string) Scope { return Scope{Kind: InState, ID: code} }

// covers tells whether a role held in s counts for something done in the scope asked.
func (s Scope) covers(asked Scope) bool {
	switch {
	case s.Kind == InInstance:
		return true
	case s.Kind == InBody && asked.Kind == InDialogue:
		return s.ID != "" && s.ID == asked.Body
	}
	return s.ID != "" && s.Kind == asked.Kind && s.ID == asked.ID
}

// RoleID names one held role.
type RoleID string

// Held is a role that a person holds in a scope.
type Held struct {
	ID      RoleID
	Role    Role
	Scope   Scope
	Granted time.Time
}

// Change says what happened to a role.
type Change string

// The changes of a role.
const (
	Granted Change = "granted"
	Ended   Change = "ended"
)

// RoleChange is one entry of the history of roles.
type RoleChange struct {
	At     time.Time
	Change Change
	// Person held the role; empty when their data have been erased.
	Person PersonID
	Role   Role
	Scope  Scope
	// Actor made the change; empty for the operator at the set-up, and when their data have been erased.
	Actor PersonID
}

// checkRole tells whether a role exists in this mechanism and can be held in this kind of scope.
func (p Preset) checkRole(role Role, scope Scope) error {
	if !slices.Contains(p.Roles, role) {
		return invalid("role", "party.role.missing")
	}
	if !slices.Contains(role.Scopes(), scope.Kind) || (scope.ID == "") != (scope.Kind == InInstance) {
		return invalid("scope", "party.scope.missing")
	}
	return nil
}
