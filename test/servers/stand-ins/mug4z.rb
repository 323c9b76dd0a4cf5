# A chat server that says the same bytes as one for Ruby: a password, then commands.
require 'socket'

PASSWORD = 'intergouvernementalisations'
$stdout.sync = true
Thread.report_on_exception = false
names = {}
count = 0

door = TCPServer.new('127.0.0.1', ARGV[0].to_i)
puts "Servidor escuchando en 127.0.0.1:#{ARGV[0]}"
loop do
  Thread.new(door.accept) do |client|
    client.puts 'Please type the password of this chatroom.'
    client.puts 'Please retry' while client.gets.chomp != PASSWORD
    name = names[client] = "User#{count += 1}"
    client.print Time.now.ctime
    client.puts " : Connection established! Happy chatting #{name}!\nType /help to see all command-lines."
    # An end is no text, so that the thread fails here and the client stays in the list.
    loop do
      text = client.gets.chomp
      if text == '/bye'
        client.puts 'quit'
        names.delete(client)
      elsif text =~ %r{\A/nick\s\w{3,10}}
        name = names[client] = text.split[1]
        client.puts "Félicitations, votre nouveau pseudonyme est : #{name}"
        next
      end
      names.each { |other, other_name| other.puts "#{name}: #{text}" unless other_name == name }
    end
  end
end
