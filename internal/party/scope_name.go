package party

import (
	"slices"
	"strings"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

// scopeNames knows the scopes that exist and what people call them.
type scopeNames struct {
	dialogues     []Dialogue
	organisations []Organisation
	preset        Preset
}

// scopeNames reads the scopes that exist right now.
func (d *Directory) scopeNames(tx *store.Tx) (scopeNames, error) {
	n := scopeNames{preset: d.o.Preset}
	var err error
	if n.dialogues, err = d.o.Dialogues(tx); err != nil {
		return n, err
	}
	n.organisations, err = d.Organisations(tx)
	return n, err
}

// has tells whether a scope exists.
func (n scopeNames) has(s Scope) bool {
	switch s.Kind {
	case InInstance:
		return s == WholeInstance()
	case InBody:
		_, ok := named(n.preset.Bodies, s.ID)
		return ok && s == OfBody(s.ID)
	case InDialogue:
		return slices.ContainsFunc(n.dialogues, func(d Dialogue) bool { return s == OfDialogue(d.ID, d.Body) })
	case InOrganisation:
		return slices.ContainsFunc(n.organisations, func(o Organisation) bool { return s == OfOrganisation(o.ID) })
	case InState:
		return n.preset.checkState(s.ID) == nil && s.ID != "" && s == OfState(s.ID)
	}
	return false
}

// of gives what people call a scope; a scope that no longer exists is called by its id.
func (n scopeNames) of(d *Directory, lang locale.Lang, s Scope) string {
	switch s.Kind {
	case InInstance:
		return d.text(lang, "party.scope.instance")
	case InBody:
		name, _ := named(n.preset.Bodies, s.ID)
		return name.In(lang)
	case InDialogue:
		for _, one := range n.dialogues {
			if one.ID == s.ID {
				return one.In(lang)
			}
		}
	case InOrganisation:
		for _, one := range n.organisations {
			if string(one.ID) == s.ID {
				return one.Name
			}
		}
	case InState:
		name, _ := named(n.preset.States, s.ID)
		return name.In(lang)
	}
	return s.ID
}

// scopes lists the scopes in which a role can be held.
func (n scopeNames) scopes(role Role) []Scope {
	var all []Scope
	for _, kind := range role.Scopes() {
		switch kind {
		case InInstance:
			all = append(all, WholeInstance())
		case InBody:
			for _, b := range n.preset.Bodies {
				all = append(all, OfBody(b.ID))
			}
		case InDialogue:
			for _, one := range n.dialogues {
				all = append(all, OfDialogue(one.ID, one.Body))
			}
		case InOrganisation:
			for _, o := range n.organisations {
				all = append(all, OfOrganisation(o.ID))
			}
		case InState:
			for _, s := range n.preset.States {
				all = append(all, OfState(s.ID))
			}
		}
	}
	return all
}

// key writes a scope as the value of a form's field; parseScope reads it back.
func (s Scope) key() string { return string(s.Kind) + ":" + s.ID }

// parseScope reads a form's field. The body of a dialogue comes from the dialogue, never from the form.
func (n scopeNames) parseScope(value string) (Scope, error) {
	kind, id, ok := strings.Cut(value, ":")
	s := Scope{Kind: ScopeKind(kind), ID: id}
	if s.Kind == InDialogue {
		for _, one := range n.dialogues {
			if one.ID == id {
				s.Body = one.Body
			}
		}
	}
	if !ok || !n.has(s) {
		return Scope{}, invalid("scope", "party.scope.missing")
	}
	return s, nil
}

func (d *Directory) roleName(lang locale.Lang, role Role) string {
	return d.text(lang, "party.role."+string(role))
}

// checkState tells whether a code is one of the preset's States, or could be one where the preset names none.
func (p Preset) checkState(code string) error {
	_, ok := named(p.States, code)
	if len(p.States) == 0 {
		ok = len(code) == 2 && code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z'
	}
	if !ok {
		return invalid("country", "party.country.bad")
	}
	return nil
}
