-- Files that go with a message, in their order. They go with the message's row.
create table mail_attachment (
  org      text    not null,
  mail     text    not null,
  position integer not null,
  name     text    not null,
  type     text    not null,
  body     bytea   not null,
  primary key (org, mail, position),
  foreign key (org, mail) references mail (org, id) on delete cascade
);
