-- Messages to persons, for sending and for the outbox page. state is queued, sent, failed or shown (no mail
-- server was set up: it only stands in the outbox). secret marks a text with a one-time link; it is emptied once
-- it is sent or given up. until is when the message has become useless, 0 for never. The row goes on erases.
create table mail (
  org      text    not null,
  id       text    not null,
  address  text    not null,
  name     text    not null,
  subject  text    not null,
  text     text    not null,
  lang     text    not null,
  secret   integer not null,
  until    bigint  not null,
  state    text    not null,
  created  bigint  not null,
  attempts integer not null default 0,
  reason   text    not null default '',
  detail   text    not null default '',
  erases   bigint  not null,
  primary key (org, id)
);
create index mail_newest on mail (org, created, id);
create index mail_address on mail (org, address);
create index mail_erases on mail (erases);
