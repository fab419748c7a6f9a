package party

import (
	"context"
	"fmt"
	"time"

	"rostrum.example/internal/locale"
	"rostrum.example/internal/store"
)

// Export is everything that is kept about a person, as they take it with them. Instants are RFC 3339 in UTC.
type Export struct {
	Exported   time.Time      `json:"exported"`
	ID         PersonID       `json:"id"`
	Name       string         `json:"name"`
	Salutation string         `json:"salutation,omitempty"`
	Email      Email          `json:"email"`
	Language   locale.Lang    `json:"language"`
	Created    time.Time      `json:"created"`
	Joined     time.Time      `json:"joined,omitzero"`
	Erases     time.Time      `json:"erased_on"`
	Roles      []ExportRole   `json:"roles"`
	History    []ExportChange `json:"role_history"`
	Sessions   []ExportUse    `json:"sessions"`
	Passkeys   []ExportUse    `json:"passkeys"`
	Parts      map[string]any `json:"parts,omitempty"`
}

// ExportRole is one role that the person holds.
type ExportRole struct {
	Role      Role      `json:"role"`
	ScopeKind ScopeKind `json:"scope_kind"`
	Scope     string    `json:"scope,omitempty"`
	ScopeName string    `json:"scope_name"`
	Granted   time.Time `json:"granted"`
}

// ExportChange is one change of the person's roles.
type ExportChange struct {
	At        time.Time `json:"at"`
	Change    Change    `json:"change"`
	Role      Role      `json:"role"`
	ScopeKind ScopeKind `json:"scope_kind"`
	Scope     string    `json:"scope,omitempty"`
}

// ExportUse is a session or a passkey: when it was made and last used.
type ExportUse struct {
	Name    string    `json:"name,omitempty"`
	How     How       `json:"signed_in_by,omitempty"`
	Host    string    `json:"host,omitempty"`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used,omitzero"`
}

// allChanges is more entries of the history than one person has.
const allChanges = 1 << 20

// Export gathers everything that is kept about the actor, from every part of the program.
func (d *Directory) Export(ctx context.Context, actor Actor) (Export, error) {
	if err := requireFresh(actor); err != nil {
		return Export{}, err
	}
	now := d.o.Clock()
	e := Export{Exported: now.UTC(), Roles: []ExportRole{}, History: []ExportChange{}, Sessions: []ExportUse{}, Passkeys: []ExportUse{}}
	err := d.o.DB.Read(ctx, func(tx *store.Tx) error {
		p, err := d.person(tx, actor.Person)
		if err != nil {
			return err
		}
		e.ID, e.Name, e.Salutation, e.Email, e.Language = p.ID, p.Name, p.Salutation, p.Email, p.Lang
		e.Created, e.Joined, e.Erases = p.Created, p.Joined, p.Erases
		if err := d.exportRoles(tx, &e, p); err != nil {
			return err
		}
		sessions, err := d.sessions(tx, p.ID, now)
		if err != nil {
			return err
		}
		for _, s := range sessions {
			e.Sessions = append(e.Sessions, ExportUse{Name: s.Passkey, How: s.How, Created: s.Created, Used: s.Seen})
		}
		passkeys, err := d.passkeys(tx, p.ID)
		if err != nil {
			return err
		}
		for _, k := range passkeys {
			e.Passkeys = append(e.Passkeys, ExportUse{Name: k.Name, Host: k.Host, Created: k.Created, Used: k.Used})
		}
		for _, h := range d.o.Holders {
			part, err := h.ExportPerson(tx, p)
			if err != nil {
				return fmt.Errorf("%s: %w", h.Part(), err)
			}
			if part != nil {
				if e.Parts == nil {
					e.Parts = map[string]any{}
				}
				e.Parts[h.Part()] = part
			}
		}
		return nil
	})
	if err != nil {
		return Export{}, fmt.Errorf("exporting a person's data: %w", err)
	}
	return e, nil
}

func (d *Directory) exportRoles(tx *store.Tx, e *Export, p Person) error {
	names, err := d.scopeNames(tx)
	if err != nil {
		return err
	}
	held, err := d.roles(tx, p.ID)
	if err != nil {
		return err
	}
	for _, h := range held[p.ID] {
		e.Roles = append(e.Roles, ExportRole{h.Role, h.Scope.Kind, h.Scope.ID, names.of(d, p.Lang, h.Scope), h.Granted})
	}
	changes, err := d.roleChanges(tx, allChanges, p.ID)
	if err != nil {
		return err
	}
	for _, c := range changes {
		e.History = append(e.History, ExportChange{c.At, c.Change, c.Role, c.Scope.Kind, c.Scope.ID})
	}
	return nil
}
