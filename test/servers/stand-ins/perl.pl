# A chat server that says the same bytes as one for Perl, in one process. It reads a name in its accept loop, and notices
# no leave: an end is an empty message for ever, and a write to a closed connection ends the server.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;

$| = 1;
my $door = IO::Socket::INET->new(LocalHost => '127.0.0.1', LocalPort => $ARGV[0], Listen => 5, ReuseAddr => 1) or die $!;
print "Servidor escuchando en 127.0.0.1:$ARGV[0]\n";
my @clients;
my $all = IO::Select->new($door);
while (my @ready = $all->can_read) {
  for my $socket (@ready) {
    my $text = '';
    if ($socket == $door) {
      my $client = $door->accept;
      $client->recv($text, 1024);
      push @clients, $client;
      $all->add($client);
      syswrite $client, "Welcome to server\n";
      next;
    }
    $socket->recv($text, 1024);
    # A flood of this size suffices for a test.
    select undef, undef, undef, 0.01 if $text eq '';
    chomp $text;
    syswrite $_, "$text\n" for @clients;
  }
}
