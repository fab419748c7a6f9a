package party

import "rostrum.example/internal/store"

// Entrance gives the path of a one-time sign-in link (without the language) for the person with an address, that
// leads to the page next: for whoever runs a demonstration and lets people try its roles. It answers ErrNotFound where there is no such person.
func (d *Directory) Entrance(tx *store.Tx, email Email, next string) (string, error) {
	p, err := d.personByEmail(tx, email)
	if err != nil {
		return "", err
	}
	now := d.o.Clock()
	s, err := d.newLink(tx, signinLink{person: p.ID, purpose: ToSignIn, next: next, expires: now.Add(LinkFor)}, now)
	if err != nil {
		return "", err
	}
	return linkPath(s), nil
}
